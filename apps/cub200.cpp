// Class-incremental learning on CUB-200-2011, 200 kinds of birds, images of any size cut to 224x224.
//
//   cub200 download --data DIR             fetch CUB-200-2011
//   cub200 --data DIR --method lwf         twenty kinds at a time

#include "data/datasets/image_files/cub200.h"
#include "apps/common/benchmark.h"
#include "data/datasets/dataset_urls.h"

namespace {

using namespace mneme;

constexpr const char* examples = R"(Examples:
  cub200 download --data data-cache && cub200 --data data-cache --method lwf --batch-size 32
      twenty kinds of birds at a time, without any stored images
  cub200 --data data-cache --method podnet-balanced --base-classes 100 --tasks 6 --memory-per-class 5
      a hundred kinds, then five steps of twenty
--data takes the folder of the verb `download`, CUB-200-2011 as it is given out, lists that `list` wrote, or a pack that
`prepare` made.)";

ImageFileSplit list(const std::filesystem::path& folder, const ImageFlags&) {
  return find_cub200(folder, any_number_bad);
}

std::string title(const std::filesystem::path&, const std::vector<std::string>&) { return "CUB-200-2011"; }

void download(const std::filesystem::path& folder, const ImageFlags&) { download_cub200(folder); }

}  // namespace

int main(int argc, char** argv) {
  LargeImageSet set = imagenet_files(nullptr);  // networks for it begin with weights of ImageNet, and its normalisation
  set.list = list;
  set.chosen = all_classes;
  set.title = title;
  return run_benchmark({.name = "cub200",
                        .data_set = "CUB-200-2011",
                        .examples = examples,
                        .download = download,
                        .presets = no_presets,
                        .defaults = large_defaults(),
                        .large = set},
                       {argv, argv + argc});
}
