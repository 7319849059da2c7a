#pragma once
// The fuzz targets: one for every reader of files that may come from anywhere. For any bytes a target must return.
// Throwing mneme::Error inside is a correct answer; any other exception, and any finding of a sanitizer, is a bug.

#include <span>
#include <string>

namespace mneme::fuzz {

struct Target {
  const char* name;  ///< the name of the target, and of its folder in tests/fuzz/corpus
  void (*run)(const std::string& bytes);
};

std::span<const Target> targets();

}  // namespace mneme::fuzz
