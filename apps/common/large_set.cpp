#include "apps/common/large_set.h"

#include <algorithm>
#include <limits>

#include "apps/terminal/progress_line.h"
#include "data/batches/streamed_images.h"
#include "data/datasets/imagenet.h"
#include "data/images/image_check.h"
#include "data/images/image_pack.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

constexpr double silent_seconds = 2;  // a small set is checked before anyone wonders

/// Takes the pictures that cannot be decoded out of the list.
ImageFileList checked(const ImageFileList& list, Diagnostics& diagnostics) {
  const ImageFiles set(list);
  ProgressLine line(stderr, silent_seconds);
  const std::vector<BadImage> bad = bad_images(set, [&](int done) {
    line.show({done, set.size()}, "decoded to see if they can be (not with --unchecked)");
  });
  for (const BadImage& picture : bad) diagnostics.add_file("picture that cannot be decoded", picture.why);
  return without(list, bad);
}

std::shared_ptr<const ImageSet> streamed(ImageFileList list, const StreamOptions& options) {
  return std::make_shared<StreamedImages>(std::make_shared<ImageFiles>(std::move(list)), options);
}

std::string named(const std::string& name, const std::string& which, const std::vector<std::string>& classes) {
  return fmt::format("{} ({}, classes {})", name, which, class_list_sum(classes).substr(0, 8));
}

/// Leaves out, or refuses, what cannot be decoded.
void check_images(const std::string& name, ImageFileSplit& split, const ImageFlags& flags) {
  Diagnostics diagnostics = std::move(split.left_out);
  if (!flags.unchecked) {
    split.train = checked(split.train, diagnostics);
    split.test = checked(split.test, diagnostics);
  }
  diagnostics.check(name, flags.skip_bad);
  if (!diagnostics.empty()) fmt::print(stderr, "{}: left out {}\n", name, diagnostics.text());
}

/// Lists and packs hold the classes they were made of, which need not be those that were asked for.
void check_chosen(const LargeImageSet& set, const std::filesystem::path& data, const std::string& subset,
                  const std::vector<std::string>& names) {
  const int found = static_cast<int>(names.size()), asked = set.chosen(subset, names);
  if (asked != found)
    fail_usage("{} holds {} classes, --subset {} means {}: give the --subset it was made with", data.string(), found,
               subset, asked);
}

ImageFileSplit list_imagenet(const std::filesystem::path& folder, const std::string& subset) {
  return find_imagenet(folder, {subset, any_number_bad});
}

int chosen_of_imagenet(const std::string& subset, const std::vector<std::string>& names) {
  std::vector<std::string> sorted = names;
  std::ranges::sort(sorted);
  return static_cast<int>(chosen_classes(subset, sorted).size());
}

}  // namespace

const int64_t any_number_bad = std::numeric_limits<int64_t>::max();

LargeImageSet imagenet_files(const char* subset) {
  return {subset, {{0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}}, list_imagenet, chosen_of_imagenet};
}

ImageFileSplit find_images(const LargeImageSet& set, const std::filesystem::path& folder, const std::string& subset) {
  ImageFileSplit split = set.list(folder, subset);
  check_chosen(set, folder, subset, split.train.class_names);
  return split;
}

OwnedDataset large_data(const std::string& name, const std::filesystem::path& data, const LargeImageSet& set,
                        const ImageFlags& flags) {
  const auto options = [&](const std::string& which, const std::vector<std::string>& classes) -> StreamOptions {
    return {named(name, which, classes), flags.image_size, set.normalisation, flags.decode_threads};
  };
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(data, ignored)) {
    ImageFileSplit split = find_images(set, data, flags.subset);
    const StreamOptions streaming = options(flags.subset, split.train.class_names);
    check_images(streaming.name, split, flags);
    return {streamed(std::move(split.train), streaming), streamed(std::move(split.test), streaming)};
  }
  const PackedSplit pack = open_pack(data);
  check_chosen(set, data, flags.subset, pack.train->class_names());
  const StreamOptions streaming = options("packed", pack.train->class_names());
  return {std::make_shared<StreamedImages>(pack.train, streaming),
          std::make_shared<StreamedImages>(pack.test, streaming)};
}

Flags large_defaults() {
  Flags flags;
  flags.experiment.network.name = "resnet18";
  flags.augmentation = "resized-crop";
  return flags;
}

}  // namespace mneme
