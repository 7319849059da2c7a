// Class-incremental learning on Tiny-ImageNet, 200 classes at 64x64 pixels.
//
//   tiny-imagenet download --data DIR             fetch Tiny-ImageNet
//   tiny-imagenet --data DIR --method lwf         twenty classes at a time

#include "apps/common/benchmark.h"
#include "data/datasets/dataset_urls.h"
#include "data/datasets/image_files/tiny_imagenet.h"

namespace {

using namespace mneme;

constexpr const char* examples = R"(Examples:
  tiny-imagenet download --data data-cache && tiny-imagenet --data data-cache --method lwf
      twenty classes at a time, without any stored images
  tiny-imagenet --data data-cache --method podnet-balanced --base-classes 100 --tasks 6 --memory-per-class 20
      a hundred classes, then five steps of twenty
--data takes the folder of the verb `download`, Tiny-ImageNet as it is given out, lists that `list` wrote, or a pack that
`prepare` made.)";

ImageFileSplit list(const std::filesystem::path& folder, const ImageFlags&) {
  return find_tiny_imagenet(folder, any_number_bad);
}

std::string title(const std::filesystem::path&, const std::vector<std::string>&) { return "Tiny-ImageNet"; }

void download(const std::filesystem::path& folder, const ImageFlags&) { download_tiny_imagenet(folder); }

Flags defaults() {
  Flags flags = large_defaults();
  flags.images.image_size = 64;
  flags.experiment.network.name = "resnet32";
  return flags;
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmark(
      {.name = "tiny-imagenet",
       .data_set = "Tiny-ImageNet",
       .examples = examples,
       .download = download,
       .presets = no_presets,
       .defaults = defaults(),
       .large = LargeImageSet{.subset = nullptr,
                              // mammoth, seq_tinyimagenet.py
                              .normalisation = {{0.4802f, 0.4480f, 0.3975f}, {0.2770f, 0.2691f, 0.2821f}},
                              .list = list,
                              .chosen = all_classes,
                              .title = title}},
      {argv, argv + argc});
}
