#pragma once
// An error message is one sentence on one line: what was found, what was expected, and how to mend it.

#include <fmt/core.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace mneme {

/// A failure that the user can act on. Programs print what() as one line and end with exit_code().
class Error : public std::runtime_error {
 public:
  /// An error with this message; 1 means a failure and 2 wrong usage.
  explicit Error(const std::string& message, int exit_code = 1) : std::runtime_error(message), exit_code_(exit_code) {}
  /// The exit code of the program.
  int exit_code() const { return exit_code_; }

 private:
  int exit_code_;
};

/// The command line or the configuration asks for something impossible: exit code 2.
class UsageError : public Error {
 public:
  /// An error with this message.
  explicit UsageError(const std::string& message) : Error(message, 2) {}
};

/// Throws Error with a message in fmt's format.
template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> text, Args&&... args) {
  throw Error(fmt::format(text, std::forward<Args>(args)...));
}

/// Throws UsageError with a message in fmt's format.
template <class... Args>
[[noreturn]] void fail_usage(fmt::format_string<Args...> text, Args&&... args) {
  throw UsageError(fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace mneme

/// For mistakes of the caller: throws mneme::Error with a formatted message unless the condition holds. Mistakes in our
/// own code are found by assert.
#define MNEME_CHECK(condition, ...)               \
  do {                                            \
    if (!(condition)) ::mneme::fail(__VA_ARGS__); \
  } while (false)
