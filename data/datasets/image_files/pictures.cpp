#include "data/datasets/image_files/pictures.h"

#include <algorithm>
#include <cmath>

#include "data/images/list_file.h"
#include "engine/base/error.h"
#include "engine/base/mersenne.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

constexpr const char* layouts =
    "wanted are the folders train/CLASS and val/CLASS (or test/CLASS), or one folder CLASS for each class, with JPEG "
    "or "
    "PNG images in them, or lists train.txt and val.txt";

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

/// Throws unless both parts have the same classes.
void check_both_parts(const fs::path& train, const fs::path& test) {
  Diagnostics diagnostics;
  const std::vector<std::string> learned = class_folders(train, diagnostics), tested = class_folders(test, diagnostics);
  for (const std::string& name : learned)
    if (!std::ranges::binary_search(tested, name))
      diagnostics.add("class without test images", (test / name).string() + " is not there");
  diagnostics.check(train.parent_path().string(), 0);
}

/// The number of a class's images that are used for testing: at least one, and never all.
size_t tested_of(size_t images, double share) {
  const double wanted = std::round(share * static_cast<double>(images));
  return static_cast<size_t>(std::clamp(wanted, 1.0, static_cast<double>(images - 1)));
}

/// Which images are used for testing. The classes are drawn one after the other.
std::vector<bool> drawn_for_test(const ImageFileList& all, const PicturesOptions& options, Diagnostics& diagnostics) {
  std::vector<std::vector<size_t>> images_of(all.class_names.size());
  for (size_t i = 0; i < all.labels.size(); ++i) images_of[static_cast<size_t>(all.labels[i])].push_back(i);
  std::vector<bool> test(all.labels.size());
  NumpyRandom random(options.split_seed);
  for (size_t label = 0; label < images_of.size(); ++label) {
    const std::vector<size_t>& images = images_of[label];
    if (images.size() == 1)
      diagnostics.add("class of one image, of which none is left to test on", all.class_names[label]);
    if (images.size() < 2) continue;
    const std::vector<int> order = random.permutation(static_cast<int>(images.size()));
    for (size_t k = 0; k < tested_of(images.size(), options.test_share); ++k)
      test[images[static_cast<size_t>(order[k])]] = true;
  }
  return test;
}

/// The images of one folder of class folders, split by the seed.
ImageFileSplit split_folder(const fs::path& folder, const PicturesOptions& options) {
  ImageFileSplit split;
  Diagnostics& diagnostics = split.left_out;
  const std::vector<std::string> names = class_folders(folder, diagnostics);
  const ImageFileList all = list_image_folder(folder, names, diagnostics);
  const std::vector<bool> test = drawn_for_test(all, options, diagnostics);
  diagnostics.check(folder.string(), options.skip_bad);
  split.train = {.class_names = all.class_names, .root = all.root};
  split.test = split.train;
  for (size_t i = 0; i < all.labels.size(); ++i)
    (test[i] ? split.test : split.train).add(all.files[i], all.labels[i], all.bytes[i]);
  diagnostics.add_remark("set that is not split: the seed draws its test images, at least one of each class",
                         fmt::format("{}: seed {}, {} images to learn from, {} to test on", folder.string(),
                                     options.split_seed, split.train.labels.size(), split.test.labels.size()));
  return split;
}

bool holds_class_folders(const fs::path& folder) {
  Diagnostics ignored;
  const std::vector<std::string> names = class_folders(folder, ignored);
  return std::ranges::any_of(names,
                             [&](const std::string& name) { return !image_names_in(folder / name, ignored).empty(); });
}

/// A description of what was found in a folder with an unknown layout.
std::string content_of(const fs::path& folder) {
  Diagnostics ignored;
  const size_t folders = class_folders(folder, ignored).size(), images = image_names_in(folder, ignored).size();
  return fmt::format("{} folders without images and {} images outside of folders", folders, images);
}

}  // namespace

ImageFileSplit find_pictures(const fs::path& folder, const PicturesOptions& options) {
  MNEME_CHECK(is_folder(folder), "{}: there is no such folder; {}", folder.string(), layouts);
  const fs::path train = folder / "train", val = folder / (is_folder(folder / "val") ? "val" : "test");
  if (is_folder(train) && is_folder(val)) {
    check_both_parts(train, val);
    return list_image_folders(train, val, {.skip_bad = options.skip_bad});
  }
  std::error_code ignored;
  if (fs::exists(folder / "train.txt", ignored)) return list_listed(folder, options.skip_bad);
  if (is_folder(train) && !holds_class_folders(folder))
    fail("{}: has the folder train, but neither val nor test; {}", folder.string(), layouts);
  MNEME_CHECK(holds_class_folders(folder), "{}: holds {}; {}", folder.string(), content_of(folder), layouts);
  return split_folder(folder, options);
}

}  // namespace mneme
