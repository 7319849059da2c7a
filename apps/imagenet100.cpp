// Class-incremental learning on a hundred classes of ImageNet, images of any size cut to 224x224.
//
//   imagenet100 --data DIR --method ss-il --memory-total 2000 --base-classes 50 --tasks 6

#include "apps/common/benchmark.h"
#include "apps/presets/large_presets.h"

namespace {

using namespace mneme;

constexpr const char* examples = R"(Examples:
  imagenet100 --data imagenet --subset seed1993 --method lwf-bsr --tasks 10
      LUCIR's hundred classes of a full ImageNet, ten at a time, without any stored images
  imagenet100 --data imagenet --subset my-classes.txt --method il-baseline-balanced --base-classes 50 --tasks 6 --memory-per-class 20
      classes of your own, one WordNet id a line; fifty, then five steps of ten
  imagenet100 --data imagenet-mini --image-size 64 --batch-size 32 --epochs 2
      a folder of exactly a hundred classes is taken as it is
--data takes train/CLASS/ and val/CLASS/, ImageNet as it is given out, train.txt and val.txt with 'path label' lines, or a
pack that `prepare` made.
People mean different sets by this name: every result prints which one, and its hash.)";

Flags defaults() {
  Flags flags = large_defaults();
  flags.images.subset = "seed1993";
  return flags;
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmark({.name = "imagenet100",
                        .data_set = "ImageNet-100",
                        .examples = examples,
                        .presets = imagenet100_presets,
                        .not_offered = imagenet100_rows_not_offered,
                        .defaults = defaults(),
                        .large = imagenet_files("Which hundred classes: seed1993 (LUCIR's), first100 (PODNet's), "
                                                "all there are, or a file with a class a line")},
                       {argv, argv + argc});
}
