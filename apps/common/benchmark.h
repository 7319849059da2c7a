#pragma once
// A class-incremental benchmark program: everything but its data set, which each program brings.

#include <optional>
#include <string>
#include <vector>

#include "apps/common/flags.h"
#include "apps/common/large_set.h"
#include "apps/common/presets.h"

namespace mneme {

struct Benchmark {
  const char* name;      ///< of the program: "cifar100"
  const char* data_set;  ///< "CIFAR-100"
  const char* examples;  ///< the end of --help
  OwnedDataset (*load)(const std::filesystem::path& folder, const ImageFlags& flags) = nullptr;  ///< null: `large`
  void (*download)(const std::filesystem::path& folder, bool extra) = nullptr;  ///< null: there is no such verb
  const std::vector<Preset>& (*presets)() = nullptr;
  const char* extra = nullptr;  ///< what --extra does; null: there is no such flag
  Flags defaults = {};
  std::optional<LargeImageSet> large = {};  ///< if they are decoded while a run uses them
};

/// Reads the command line, `words`, runs what it asks for and returns the program's exit code. Errors become one line.
int run_benchmark(const Benchmark& benchmark, const std::vector<std::string>& words);

}  // namespace mneme
