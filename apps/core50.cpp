// Class-incremental learning on CORe50, 50 objects in videos, in the nine batches of its scenario of new classes.
//
//   core50 download --data DIR                            fetch CORe50
//   core50 --data DIR --subset run3 --method lwf          ten objects, then five at a time, in run 3's order

#include "data/datasets/image_files/core50.h"
#include "apps/common/benchmark.h"
#include "data/datasets/dataset_urls.h"
#include "data/files/whole_number.h"
#include "engine/base/error.h"

namespace {

using namespace mneme;

constexpr const char* examples = R"(Examples:
  core50 download --data data-cache && core50 --data data-cache --method lwf --epochs 4
      ten objects, then five at a time, in the order of run 0
  core50 --data data-cache --subset run3 --method icarl --memory-total 1500 --epochs 4
      another of the ten published orders
--data takes the folder of the verb `download`, which holds core50_128x128 and batches_filelists, lists that `list` wrote,
or a pack that `prepare` made; lists and packs hold the run for which they were made.)";

/// The number of the run in --subset.
int run_named(const std::string& subset) {
  const auto run = subset.starts_with("run") ? whole_number<int>(std::string_view(subset).substr(3)) : std::nullopt;
  if (!run || *run < 0 || *run >= core50_runs)
    fail_usage("--subset '{}': give run0 to run{}, one of the published orders", subset, core50_runs - 1);
  return *run;
}

ImageFileSplit list(const std::filesystem::path& folder, const ImageFlags& flags) {
  return find_core50(folder, {.run = run_named(flags.subset), .skip_bad = any_number_bad});
}

/// Every run has all classes.
int chosen(const std::string& subset, const std::vector<std::string>& names) {
  run_named(subset);
  return all_classes(subset, names);
}

void download(const std::filesystem::path& folder, const ImageFlags&) { download_core50(folder); }

Flags defaults() {
  Flags flags = large_defaults();
  flags.images.subset = "run0";
  flags.images.image_size = 128;
  flags.base_classes = 10;
  flags.experiment.scenario.tasks = 9;
  flags.experiment.scenario.order = "identity";
  return flags;
}

}  // namespace

int main(int argc, char** argv) {
  LargeImageSet set = imagenet_files("Which of the ten published orders: run0 to run9");
  set.list = list;
  set.chosen = chosen;
  return run_benchmark({.name = "core50",
                        .data_set = "CORe50",
                        .examples = examples,
                        .download = download,
                        .presets = no_presets,
                        .defaults = defaults(),
                        .large = set},
                       {argv, argv + argc});
}
