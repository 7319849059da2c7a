// Class-incremental learning on SVHN's cropped digits, or on generated images of the same shape.
//
//   svhn download --data DIR                  fetch SVHN
//   svhn --data DIR --method lwf-bsr          two digits at a time

#include "data/datasets/svhn.h"
#include "apps/common/benchmark.h"
#include "apps/presets/svhn_presets.h"
#include "data/datasets/dataset_urls.h"
#include "data/files/download.h"

namespace {

using namespace mneme;

constexpr const char* examples = R"(Examples:
  svhn download --data data-cache && svhn --data data-cache --method lwf-bsr --tasks 5 --epochs 10
      two digits at a time, without any stored images
  svhn --data data-cache --preset rethinking-lwf-bsr-5-tasks
      a row of a published table)";

OwnedDataset load(const std::filesystem::path& folder, const ImageFlags& flags) {
  return load_svhn(folder, {.extra = flags.extra});
}

void download(const std::filesystem::path& folder, const ImageFlags& flags) { download_svhn(folder, flags.extra); }

/// Digits are not mirrored. The ten classes make five tasks.
Flags defaults() {
  Flags flags;
  flags.flip = false;
  flags.generated_classes = 10;
  flags.experiment.scenario.tasks = 5;
  flags.experiment.scenario.order = "identity";
  return flags;
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmark({.name = "svhn",
                        .data_set = "SVHN",
                        .examples = examples,
                        .load = load,
                        .download = download,
                        .presets = svhn_presets,
                        .extra = "Use the 531,131 easier training images of extra_32x32.mat, too",
                        .defaults = defaults()},
                       {argv, argv + argc});
}
