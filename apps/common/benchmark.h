#pragma once
// A class-incremental benchmark program: everything but its data set, which each program brings.

#include <optional>
#include <string>
#include <vector>

#include "apps/common/flags.h"
#include "apps/common/large_set.h"
#include "apps/common/presets.h"

namespace mneme {

/// A value for a flag that nobody gave, chosen by looking at the images.
struct Suggestion {
  std::string flag,  ///< "--image-size"
      value,         ///< as on a command line
      reason;        ///< a phrase that follows "since"
};

struct Benchmark {
  const char* name;      ///< of the program: "cifar100"
  const char* data_set;  ///< "CIFAR-100"
  const char* examples;  ///< the end of --help
  OwnedDataset (*load)(const std::filesystem::path& folder, const ImageFlags& flags) = nullptr;  ///< null: `large`
  void (*download)(const std::filesystem::path& folder, bool extra) = nullptr;  ///< null: there is no such verb
  const std::vector<Preset>& (*presets)() = nullptr;
  const std::vector<TableRow>& (*not_offered)() = nullptr;  ///< rows of tables without a preset; null: there are none
  const char* extra = nullptr;                              ///< what --extra does; null: there is no such flag
  Flags defaults = {};
  std::optional<LargeImageSet> large = {};  ///< if they are decoded while a run uses them
  /// Looks at the images in `data` and suggests values for flags; null: defaults suffice.
  std::vector<Suggestion> (*suggest)(const std::filesystem::path& data, const ImageFlags& flags) = nullptr;
};

/// Reads the command line, `words`, runs what it asks for and returns the program's exit code. Errors become one line.
int run_benchmark(const Benchmark& benchmark, const std::vector<std::string>& words);

}  // namespace mneme
