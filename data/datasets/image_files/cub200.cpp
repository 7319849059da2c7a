#include "data/datasets/image_files/cub200.h"

#include <unordered_map>

#include "data/datasets/image_files/published_layout.h"
#include "data/images/list_file.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

const PublishedLayout layout{"CUB-200-2011",
                             "CUB_200_2011",
                             "cub200 download",
                             {"images.txt", "image_class_labels.txt", "train_test_split.txt", "classes.txt", "images"}};

/// What the files tell of an image beside its path.
struct About {
  int label = -1;
  bool train = false, split = false;  ///< `split`: it is known whether it is for training
};

using AboutImages = std::unordered_map<std::string, About>;

std::vector<std::string> read_classes(const fs::path& file, std::unordered_map<std::string, int>& label_of,
                                      Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (const KeyedLine& line : read_keyed_lines(file, diagnostics)) {
    label_of[line.key] = static_cast<int>(names.size());
    names.push_back(line.value);
  }
  return names;
}

void read_labels(const fs::path& file, const std::unordered_map<std::string, int>& label_of, AboutImages& images,
                 Diagnostics& diagnostics) {
  for (const KeyedLine& line : read_keyed_lines(file, diagnostics)) {
    if (const auto label = label_of.find(line.value); label != label_of.end())
      images[line.key].label = label->second;
    else
      diagnostics.add("class that classes.txt does not list", fmt::format("{}: {}", line.where, line.value));
  }
}

void read_split(const fs::path& file, AboutImages& images, Diagnostics& diagnostics) {
  for (const KeyedLine& line : read_keyed_lines(file, diagnostics)) {
    if (line.value != "0" && line.value != "1")
      diagnostics.add("line that says neither 1 (to learn from) nor 0 (to test with)",
                      fmt::format("{}: {}", line.where, line.value));
    About& about = images[line.key];
    about.train = line.value == "1";
    about.split = true;
  }
}

/// Lists the images of images.txt. What is left in `images` are those that it does not list.
void list_images(const fs::path& root, AboutImages& images, ImageFileSplit& split, Diagnostics& diagnostics) {
  for (const KeyedLine& line : read_keyed_lines(root / "images.txt", diagnostics)) {
    const About about = images[line.key];
    images.erase(line.key);
    const auto refuse = [&](const char* kind) { diagnostics.add(kind, fmt::format("{}: {}", line.where, line.value)); };
    if (about.label < 0)
      refuse("image without a class in image_class_labels.txt");
    else if (!about.split)
      refuse("image that is in neither part of train_test_split.txt");
    else
      add_if_sound(about.train ? split.train : split.test, "images/" + line.value, about.label, diagnostics);
  }
  for (const auto& [image, about] : images) diagnostics.add("image that images.txt does not list", image);
}

}  // namespace

ImageFileSplit find_cub200(const fs::path& folder, int64_t skip_bad) {
  if (holds_lists(folder)) return list_listed(folder, skip_bad);
  const fs::path root = published_folder(folder, layout);
  ImageFileSplit split;
  Diagnostics& diagnostics = split.left_out;
  std::unordered_map<std::string, int> label_of;
  split.train = {.class_names = read_classes(root / "classes.txt", label_of, diagnostics), .root = root};
  split.test = split.train;
  AboutImages images;
  read_labels(root / "image_class_labels.txt", label_of, images, diagnostics);
  read_split(root / "train_test_split.txt", images, diagnostics);
  list_images(root, images, split, diagnostics);
  check_all_learned(split.train, diagnostics);
  diagnostics.check(root.string(), skip_bad);
  return split;
}

}  // namespace mneme
