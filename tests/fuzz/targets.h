#pragma once
// What the fuzzers feed with bytes: every reader of files that may come from anywhere. A target returns, whatever the
// bytes are; mneme::Error is an answer, anything else it throws, and anything a sanitizer finds, is a bug.

#include <span>
#include <string>

namespace mneme::fuzz {

struct Target {
  const char* name;  ///< also of its folder in fuzz/corpus
  void (*run)(const std::string& bytes);
};

std::span<const Target> targets();

}  // namespace mneme::fuzz
