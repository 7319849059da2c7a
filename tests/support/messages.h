#pragma once
// Tests of error messages.

#include <doctest/doctest.h>

#include <string>

#include "engine/base/error.h"

namespace mneme::test {

/// The message of the Error that `action` throws; "no error" if it throws none.
std::string message_of(const auto& action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK_MESSAGE(std::string(error.what()).find('\n') == std::string::npos, error.what());
    return error.what();
  }
  return "no error";
}

/// Checks that the message is one line and contains `part`.
inline void check_says(const std::string& message, const std::string& part) {
  CHECK_MESSAGE(message.find(part) != std::string::npos, message);
  CHECK_MESSAGE(message.find('\n') == std::string::npos, message);
}

}  // namespace mneme::test
