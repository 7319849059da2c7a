#include "data/datasets/cifar100.h"

#include <zlib.h>

#include <array>

#include "data/datasets/cifar100_layouts.h"
#include "engine/base/error.h"

namespace mneme {

namespace fs = std::filesystem;

namespace cifar100 {

const std::vector<std::string>& class_names() {
  static const std::vector<std::string> names{
      "apple",      "aquarium_fish", "baby",         "bear",       "beaver",      "bed",         "bee",
      "beetle",     "bicycle",       "bottle",       "bowl",       "boy",         "bridge",      "bus",
      "butterfly",  "camel",         "can",          "castle",     "caterpillar", "cattle",      "chair",
      "chimpanzee", "clock",         "cloud",        "cockroach",  "couch",       "crab",        "crocodile",
      "cup",        "dinosaur",      "dolphin",      "elephant",   "flatfish",    "forest",      "fox",
      "girl",       "hamster",       "house",        "kangaroo",   "keyboard",    "lamp",        "lawn_mower",
      "leopard",    "lion",          "lizard",       "lobster",    "man",         "maple_tree",  "motorcycle",
      "mountain",   "mouse",         "mushroom",     "oak_tree",   "orange",      "orchid",      "otter",
      "palm_tree",  "pear",          "pickup_truck", "pine_tree",  "plain",       "plate",       "poppy",
      "porcupine",  "possum",        "rabbit",       "raccoon",    "ray",         "road",        "rocket",
      "rose",       "sea",           "seal",         "shark",      "shrew",       "skunk",       "skyscraper",
      "snail",      "snake",         "spider",       "squirrel",   "streetcar",   "sunflower",   "sweet_pepper",
      "table",      "tank",          "telephone",    "television", "tiger",       "tractor",     "train",
      "trout",      "tulip",         "turtle",       "wardrobe",   "whale",       "willow_tree", "wolf",
      "woman",      "worm"};
  return names;
}

std::vector<std::string> checked_names(const fs::path& file, std::vector<std::string> names) {
  MNEME_CHECK(names.size() == classes, "{}: {} class names, expected {}; {}", file.string(), names.size(), classes,
              mend);
  for (size_t i = 0; i < names.size(); ++i)
    MNEME_CHECK(!names[i].empty(), "{}: class {} has an empty name; {}", file.string(), i, mend);
  return names;
}

namespace {

// Labels in range; and since every class belongs to one superclass, a class seen under two betrays a flipped bit.
void check_labels(const Records& r) {
  std::array<int, classes> superclass_of;
  superclass_of.fill(-1);
  for (size_t i = 0; i < r.fine.size(); ++i) {
    MNEME_CHECK(r.fine[i] < classes, "{}: record {} has fine label {}, expected 0..{}; the file is damaged, {}",
                r.file.string(), i, r.fine[i], classes - 1, mend);
    if (r.coarse.empty()) continue;
    MNEME_CHECK(r.coarse[i] < superclasses,
                "{}: record {} has coarse label {}, expected 0..{}; the file is damaged, {}", r.file.string(), i,
                r.coarse[i], superclasses - 1, mend);
    int& superclass = superclass_of[static_cast<size_t>(r.fine[i])];
    MNEME_CHECK(superclass < 0 || superclass == r.coarse[i],
                "{}: record {} puts class {} into superclass {}, earlier records into {}; the file is damaged, {}",
                r.file.string(), i, r.fine[i], r.coarse[i], superclass, mend);
    superclass = r.coarse[i];
  }
}

// A checksum that does not depend on the order of the records: the sum of each record's CRC-32 over its fine label and
// its pixels.
uint64_t content_sum(const Records& r) {
  uint64_t sum = 0;
  for (size_t i = 0; i < r.fine.size(); ++i) {
    const Bytef label = static_cast<Bytef>(r.fine[i]);
    sum += crc32(crc32(0, &label, 1), r.pixels.data() + i * image_bytes, image_bytes);
  }
  return sum;
}

// Computed from a copy whose channel means and deviations equal the published ones of CIFAR-100 to 16 digits.
struct Official {
  size_t images;
  uint64_t content;
};
constexpr Official official_train{50000, 0x61bbfca96b6f}, official_test{10000, 0x137c3e8a99ed};

void check_content(const Records& r, const Official& official) {
  if (r.fine.size() != official.images) return;
  const uint64_t content = content_sum(r);
  MNEME_CHECK(
      content == official.content,
      "{}: {} images, but not the official ones (content sum {:x}, expected {:x}); the file is damaged, {}, or read it "
      "unchecked if the change is meant",
      r.file.string(), official.images, content, official.content, mend);
}

ResidentImages checked_images(Records r, const Official& official, const std::vector<std::string>& names,
                              bool with_content) {
  MNEME_CHECK(!r.fine.empty(), "{}: holds no images; {}", r.file.string(), mend);
  check_labels(r);
  if (with_content) check_content(r, official);
  const Normalisation normalisation{{0.5071f, 0.4866f, 0.4409f}, {0.2009f, 0.1984f, 0.2023f}};
  return {{"CIFAR-100", 3, side, side, names, normalisation}, std::move(r.pixels), std::move(r.fine)};
}

struct Layout {
  const char *folder, *train, *test;
  Records (*read)(const fs::path&);
  std::vector<std::string> (*names)(const fs::path&);
};
constexpr std::array layouts{Layout{"cifar-100-binary", "train.bin", "test.bin", read_binary, binary_class_names},
                             Layout{"cifar-100-python", "train", "test", read_python, python_class_names}};

bool holds(const fs::path& folder, const Layout& layout) {
  std::error_code ignored;  // what cannot be looked at is not there
  return fs::is_regular_file(folder / layout.train, ignored) || fs::is_regular_file(folder / layout.test, ignored);
}

ResidentDataset load(const fs::path& folder, const Layout& layout, bool with_content) {
  const std::vector<std::string> names = layout.names(folder);
  return {checked_images(layout.read(folder / layout.train), official_train, names, with_content),
          checked_images(layout.read(folder / layout.test), official_test, names, with_content)};
}

}  // namespace
}  // namespace cifar100

ResidentDataset load_cifar100(const fs::path& folder, const Cifar100Options& options) {
  for (const cifar100::Layout& layout : cifar100::layouts)
    for (const fs::path& place : {folder, folder / layout.folder})
      if (cifar100::holds(place, layout)) return cifar100::load(place, layout, options.check_content);
  fail(
      "no CIFAR-100 in {0}: neither train.bin and test.bin (there or in {0}/cifar-100-binary) nor train and test "
      "(there or in "
      "{0}/cifar-100-python); fetch it with `cifar100 download --data {0}`",
      folder.string());
}

}  // namespace mneme
