#pragma once
// Errors are sentences: what came, what was expected, how to mend it. One line each, because programs print them as
// such.

#include <fmt/core.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace mneme {

/// A failure the user can act on. Programs print `what()` as one line and end with `exit_code()`.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, int exit_code = 1) : std::runtime_error(message), exit_code_(exit_code) {}
  int exit_code() const { return exit_code_; }

 private:
  int exit_code_;
};

/// The command line or configuration asks for something impossible: exit code 2.
class UsageError : public Error {
 public:
  explicit UsageError(const std::string& message) : Error(message, 2) {}
};

template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> text, Args&&... args) {
  throw Error(fmt::format(text, std::forward<Args>(args)...));
}

template <class... Args>
[[noreturn]] void fail_usage(fmt::format_string<Args...> text, Args&&... args) {
  throw UsageError(fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace mneme

/// A caller's mistake: throws mneme::Error with a formatted message. Our own bugs use assert.
#define MNEME_CHECK(condition, ...)               \
  do {                                            \
    if (!(condition)) ::mneme::fail(__VA_ARGS__); \
  } while (false)
