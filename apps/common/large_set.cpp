#include "apps/common/large_set.h"

#include <algorithm>
#include <limits>

#include "apps/terminal/progress_line.h"
#include "data/datasets/imagenet.h"
#include "data/pictures/picture_check.h"
#include "data/pictures/picture_pack.h"
#include "data/batches/streamed_images.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

constexpr double silent_seconds = 2;  // a small set is checked before anyone wonders

/// Takes the pictures that cannot be decoded out of the list.
PictureList checked(const PictureList& list, Problems& problems) {
  const PictureFiles set(list);
  ProgressLine line(stderr, silent_seconds);
  const std::vector<BadPicture> bad = bad_pictures(set, [&](int done) {
    line.show({done, set.size()}, "decoded to see if they can be (not with --unchecked)");
  });
  for (const BadPicture& picture : bad) problems.add_file("picture that cannot be decoded", picture.why);
  return without(list, bad);
}

std::shared_ptr<const ImageSet> streamed(PictureList list, const StreamOptions& options) {
  return std::make_shared<StreamedImages>(std::make_shared<PictureFiles>(std::move(list)), options);
}

std::string named(const std::string& name, const std::string& which, const std::vector<std::string>& classes) {
  return fmt::format("{} ({}, classes {})", name, which, class_list_sum(classes).substr(0, 8));
}

/// Leaves out, or refuses, what cannot be decoded.
void check_pictures(const std::string& name, PictureSplit& split, const ImageFlags& flags) {
  Problems problems = std::move(split.left_out);
  if (!flags.unchecked) {
    split.train = checked(split.train, problems);
    split.test = checked(split.test, problems);
  }
  problems.check(name, flags.skip_bad);
  if (!problems.empty()) fmt::print(stderr, "{}: left out {}\n", name, problems.text());
}

/// Lists and packs hold the classes they were made of, which need not be those that were asked for.
void check_chosen(const LargePictures& set, const std::filesystem::path& data, const std::string& subset,
                  const std::vector<std::string>& names) {
  const int found = static_cast<int>(names.size()), asked = set.chosen(subset, names);
  if (asked != found)
    fail_usage("{} holds {} classes, --subset {} means {}: give the --subset it was made with", data.string(), found,
               subset, asked);
}

PictureSplit list_imagenet(const std::filesystem::path& folder, const std::string& subset) {
  return find_imagenet(folder, {subset, any_number_bad});
}

int chosen_of_imagenet(const std::string& subset, const std::vector<std::string>& names) {
  std::vector<std::string> sorted = names;
  std::ranges::sort(sorted);
  return static_cast<int>(chosen_classes(subset, sorted).size());
}

}  // namespace

const int64_t any_number_bad = std::numeric_limits<int64_t>::max();

LargePictures imagenet_pictures(const char* subset) {
  return {subset, {{0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}}, list_imagenet, chosen_of_imagenet};
}

PictureSplit find_pictures(const LargePictures& set, const std::filesystem::path& folder, const std::string& subset) {
  PictureSplit split = set.list(folder, subset);
  check_chosen(set, folder, subset, split.train.class_names);
  return split;
}

OwnedDataset large_data(const std::string& name, const std::filesystem::path& data, const LargePictures& set,
                        const ImageFlags& flags) {
  const auto options = [&](const std::string& which, const std::vector<std::string>& classes) -> StreamOptions {
    return {named(name, which, classes), flags.image_size, set.normalisation, flags.decode_threads};
  };
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(data, ignored)) {
    PictureSplit split = find_pictures(set, data, flags.subset);
    const StreamOptions streaming = options(flags.subset, split.train.class_names);
    check_pictures(streaming.name, split, flags);
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
