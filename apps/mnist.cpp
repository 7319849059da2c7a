// Class-incremental learning on MNIST, Fashion-MNIST, KMNIST or EMNIST, or on generated images.
//
//   mnist download --data DIR                     fetch MNIST
//   mnist --data DIR --method lwf                 two digits at a time
//   mnist --data DIR --set fashion                the same on Fashion-MNIST

#include "data/datasets/mnist.h"
#include "apps/common/benchmark.h"
#include "data/datasets/dataset_urls.h"

namespace {

using namespace mneme;

constexpr const char* examples = R"(Examples:
  mnist download --data data-cache && mnist --data data-cache --method lwf --epochs 2
      two digits at a time, without any stored images: the smallest real set, good for a first try
  mnist download --data data-cache --set fashion && mnist --data data-cache --set fashion --method icarl --memory-total 200
      Fashion-MNIST, with 200 exemplars in all
  mnist --data data-cache --set emnist-balanced --tasks 10 --method finetuning
      47 digits and letters
--data takes the folder of the verb `download`, or one with the published files, packed or not.)";

OwnedDataset load(const std::filesystem::path& folder, const ImageFlags& flags) {
  return load_mnist(folder, {.set = flags.set});
}

void download(const std::filesystem::path& folder, const ImageFlags& flags) { download_mnist(folder, flags.set); }

/// Characters are not mirrored. Ten classes make five tasks. The smallest network is large enough.
Flags defaults() {
  Flags flags;
  flags.images.set = "mnist";
  flags.flip = false;
  flags.generated_classes = 10;
  flags.experiment.network.name = "resnet20";
  flags.experiment.scenario.tasks = 5;
  flags.experiment.scenario.order = "identity";
  return flags;
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmark(
      {.name = "mnist",
       .data_set = "MNIST",
       .examples = examples,
       .load = load,
       .download = download,
       .presets = no_presets,
       .set = "Which set: mnist, fashion, kmnist, or emnist- with balanced, byclass, bymerge, letters, "
              "digits or mnist behind it",
       .defaults = defaults()},
      {argv, argv + argc});
}
