// Class-incremental learning on ImageNet at 32x32 pixels, or on generated images of the same shape.
//
//   imagenet32 --data DIR --method lwf-bsr          200 classes at a time
//   imagenet32 --data DIR --order facil-300         the 300 classes FACIL chose

#include "data/datasets/imagenet32.h"
#include "apps/common/benchmark.h"
#include "apps/presets/imagenet32_presets.h"

namespace {

using namespace mneme;

constexpr const char* examples = R"(Examples:
  imagenet32 --data data-cache/imagenet32 --preset rethinking-lwf-bsr-5-tasks
      a row of a published table: 200 classes at a time, without any stored images
  imagenet32 --data data-cache/imagenet32 --order facil-300 --tasks 10 --method finetuning
      the 300 classes that FACIL chose
ImageNet may not be fetched without an account: get train_data_batch_1 to train_data_batch_10 and val_data from
https://image-net.org/download-images and unpack them into one folder. Folders train/CLASS/ and val/CLASS/ with
pictures of 32x32 pixels do as well.)";

OwnedDataset load(const std::filesystem::path& folder, const ImageFlags&) { return load_imagenet32(folder); }

/// The classes, however many, are divided into five tasks in the order of the files.
Flags defaults() {
  Flags flags;
  flags.experiment.scenario.tasks = 5;
  flags.experiment.scenario.order = "identity";
  return flags;
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmark({.name = "imagenet32",
                        .data_set = "ImageNet-32",
                        .examples = examples,
                        .load = load,
                        .presets = imagenet32_presets,
                        .defaults = defaults()},
                       {argv, argv + argc});
}
