#pragma once
// A class-incremental benchmark program, all but its data set. Each program brings its own data set.

#include <optional>
#include <string>
#include <vector>

#include "apps/common/flags.h"
#include "apps/common/large_set.h"
#include "apps/common/presets.h"

namespace mneme {

/// A value for a flag that the user did not give, chosen from the images.
struct Suggestion {
  std::string flag,  ///< the flag, for example "--image-size"
      value,         ///< the value as a user would type it
      reason;        ///< the reason, as a phrase that follows "since"
};

struct Benchmark {
  const char* name;      ///< of the program: "cifar100"
  const char* data_set;  ///< "CIFAR-100"
  const char* examples;  ///< the examples at the end of --help
  /// Loads a small set; null if the set is `large`.
  OwnedDataset (*load)(const std::filesystem::path& folder, const ImageFlags& flags) = nullptr;
  /// The verb `download`; null if the program has no such verb.
  void (*download)(const std::filesystem::path& folder, const ImageFlags& flags) = nullptr;
  const std::vector<Preset>& (*presets)() = nullptr;
  /// Rows of published tables that no preset repeats; null if there are none.
  const std::vector<TableRow>& (*not_offered)() = nullptr;
  const char* extra = nullptr;  ///< the help text of --extra; null if the program has no such flag
  const char* set = nullptr;    ///< the help text of --set; null if the program has no such flag
  Flags defaults = {};
  std::optional<LargeImageSet> large = {};  ///< given for a set whose images are decoded during the run
  /// Looks at the images in `data` and suggests values for flags; null if defaults suffice.
  std::vector<Suggestion> (*suggest)(const std::filesystem::path& data, const ImageFlags& flags) = nullptr;
};

/// Reads the command line `words`, runs what it asks for and returns the program's exit code. An error becomes one line
/// on standard error.
int run_benchmark(const Benchmark& benchmark, const std::vector<std::string>& words);

}  // namespace mneme
