#include "apps/common/large_set.h"

#include <algorithm>
#include <limits>

#include "apps/terminal/process.h"
#include "apps/terminal/progress_line.h"
#include "data/batches/streamed_images.h"
#include "data/datasets/image_files/imagenet.h"
#include "data/images/image_check.h"
#include "data/images/image_pack.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

constexpr double silent_seconds = 2;  // the check of a small set ends sooner and shows no progress

/// Removes from the list the images that cannot be decoded, and reports the doubtful ones to `diagnostics`.
ImageFileList checked(const ImageFileList& list, Diagnostics& diagnostics) {
  const ImageFiles set(list);
  ProgressLine line(stderr, silent_seconds);
  const ImageCheck found = check_images(set, [&](int done) {
    line.show({done, set.size()}, "decoded to see if they can be (not with --unchecked)");
  });
  for (const BadImage& image : found.bad) diagnostics.add_file("image that cannot be decoded", image.why);
  diagnostics.add_remarks(found.remarks);
  return without(list, found.bad);
}

std::shared_ptr<const ImageSet> streamed(ImageFileList list, const StreamOptions& options) {
  return std::make_shared<StreamedImages>(std::make_shared<ImageFiles>(std::move(list)), options);
}

std::string named(const std::string& name, const std::string& which, const std::vector<std::string>& classes) {
  return fmt::format("{} ({}, classes {})", name, which, class_list_sum(classes).substr(0, 8));
}

/// Leaves out the images that cannot be decoded, or throws Error if they are too many. Prints everything that is left
/// out or doubtful, and returns it, one phrase each.
std::vector<std::string> check_all(const std::string& name, ImageFileSplit& split, const ImageFlags& flags) {
  Diagnostics diagnostics = std::move(split.left_out);
  if (!flags.unchecked) {
    split.train = checked(split.train, diagnostics);
    split.test = checked(split.test, diagnostics);
  }
  diagnostics.check(name, flags.skip_bad);
  std::vector<std::string> remarks = diagnostics.remarks();
  if (!diagnostics.empty()) remarks.insert(remarks.begin(), "left out: " + diagnostics.text());
  for (const std::string& remark : remarks) say(stderr, fmt::format("{}: {}\n", name, remark));
  return remarks;
}

/// Checks that a set has the classes that --subset chooses: a list or pack holds the classes for which it was made, and
/// these may be others.
void check_chosen(const LargeImageSet& set, const std::filesystem::path& data, const std::string& subset,
                  const std::vector<std::string>& names) {
  const int found = static_cast<int>(names.size()), asked = set.chosen(subset, names);
  if (asked != found)
    fail_usage("{} holds {} classes, --subset {} means {}: give the --subset it was made with", data.string(), found,
               subset, asked);
}

ImageFileSplit list_imagenet(const std::filesystem::path& folder, const ImageFlags& flags) {
  return find_imagenet(folder, {flags.subset, any_number_bad});
}

int chosen_of_imagenet(const std::string& subset, const std::vector<std::string>& names) {
  std::vector<std::string> sorted = names;
  std::ranges::sort(sorted);
  return static_cast<int>(chosen_classes(subset, sorted).size());
}

}  // namespace

const int64_t any_number_bad = std::numeric_limits<int64_t>::max();

int all_classes(const std::string&, const std::vector<std::string>& names) { return static_cast<int>(names.size()); }

LargeImageSet imagenet_files(const char* subset) {
  return {subset, {{0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}}, list_imagenet, chosen_of_imagenet};
}

ImageFileSplit find_images(const LargeImageSet& set, const std::filesystem::path& folder, const ImageFlags& flags) {
  ImageFileSplit split = set.list(folder, flags);
  check_chosen(set, folder, flags.subset, split.train.class_names);
  return split;
}

OwnedDataset large_data(const std::string& name, const std::filesystem::path& data, const LargeImageSet& set,
                        const ImageFlags& flags) {
  const auto options = [&](const std::string& which, const std::vector<std::string>& classes) -> StreamOptions {
    const std::string title = set.title ? set.title(data, classes) : named(name, which, classes);
    return {title, flags.image_size, set.normalisation, flags.decode_threads};
  };
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(data, ignored)) {
    ImageFileSplit split = find_images(set, data, flags);
    const StreamOptions streaming = options(flags.subset, split.train.class_names);
    std::vector<std::string> remarks = check_all(streaming.name, split, flags);
    return {streamed(std::move(split.train), streaming), streamed(std::move(split.test), streaming),
            std::move(remarks)};
  }
  const PackedSplit pack = open_pack(data);
  check_chosen(set, data, flags.subset, pack.train->class_names());
  const StreamOptions streaming = options("packed", pack.train->class_names());
  return {std::make_shared<StreamedImages>(pack.train, streaming),
          std::make_shared<StreamedImages>(pack.test, streaming), pack.remarks};
}

Flags large_defaults() {
  Flags flags;
  flags.experiment.network.name = "resnet18";
  flags.augmentation = "resized-crop";
  return flags;
}

}  // namespace mneme
