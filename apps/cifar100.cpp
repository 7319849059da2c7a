// Class-incremental learning on CIFAR-100, or on generated images of the same shape.
//
//   cifar100                                              five minutes on generated images
//   cifar100 download --data DIR                          fetch CIFAR-100
//   cifar100 --data DIR --method lwf --tasks 10           the real thing

#include "data/datasets/cifar100.h"
#include "apps/common/benchmark.h"
#include "apps/presets/cifar100_presets.h"
#include "data/datasets/dataset_urls.h"
#include "data/files/download.h"

namespace {

using namespace mneme;

constexpr const char* examples = R"(Examples:
  cifar100 --out runs/demo
      LwF on generated images: a few minutes on two cores, ends with a report to open in a browser
  cifar100 download --data data-cache && cifar100 --data data-cache --method lwf --tasks 10 --epochs 30
      CIFAR-100, ten classes at a time, without any stored images
  cifar100 --data data-cache --method il-baseline-balanced --base-classes 50 --tasks 6 --memory-per-class 20
      fifty classes, then five steps of ten, with twenty exemplars per class and balanced softmax)";

OwnedDataset load(const std::filesystem::path& folder, const ImageFlags&) { return load_cifar100(folder); }
void download(const std::filesystem::path& folder, const ImageFlags&) { download_cifar100(folder); }

}  // namespace

int main(int argc, char** argv) {
  return run_benchmark({"cifar100", "CIFAR-100", examples, load, download, cifar100_presets, cifar100_rows_not_offered},
                       {argv, argv + argc});
}
