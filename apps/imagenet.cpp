// Class-incremental learning on ImageNet-1K, images of any size cut to 224x224.
//
//   imagenet --data DIR --method ss-il --memory-total 20000 --tasks 10

#include "apps/common/benchmark.h"
#include "apps/presets/large_presets.h"

namespace {

using namespace mneme;

constexpr const char* examples = R"(Examples:
  imagenet --data imagenet --method ss-il --memory-total 20000 --tasks 10 --order ssil
      a hundred classes at a time, 20,000 exemplars
  imagenet --data imagenet --method podnet-balanced --base-classes 500 --tasks 6 --memory-per-class 20
      five hundred classes, then five steps of a hundred
--data takes train/CLASS/ and val/CLASS/, ImageNet as it is given out, train.txt and val.txt with 'path label' lines, or a
pack that `prepare` made.)";

Flags defaults() {
  Flags flags = large_defaults();
  flags.images.subset = "all";
  return flags;
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmark({.name = "imagenet",
                        .data_set = "ImageNet",
                        .examples = examples,
                        .presets = imagenet_presets,
                        .not_offered = imagenet_rows_not_offered,
                        .defaults = defaults(),
                        .large = imagenet_files("Which classes: all, or a file with a class a line")},
                       {argv, argv + argc});
}
