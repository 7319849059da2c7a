#include "data/datasets/mnist.h"

#include <array>
#include <cmath>

#include "data/datasets/dataset_urls.h"
#include "data/files/checksum.h"
#include "data/files/file_bytes.h"
#include "data/formats/idx_file.h"
#include "engine/base/error.h"
#include "engine/base/suggest.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

constexpr size_t side = 28, plane = side * side;
constexpr int channels = 3;

using Names = std::vector<std::string>;

/// One name for each character.
Names characters(std::string_view text) {
  Names names;
  for (const char c : text) names.emplace_back(1, c);
  return names;
}

Names digits() { return characters("0123456789"); }
Names fashion() {
  return {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"};
}
Names hiragana() { return {"o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"}; }
Names letters() { return characters("ABCDEFGHIJKLMNOPQRSTUVWXYZ"); }
Names by_class() { return characters("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"); }
/// Fifteen small letters look like their capitals and are one class with them.
Names merged() { return characters("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"); }

/// A set of the family.
struct Set {
  const char *name,     ///< what users call it
      *title,           ///< what reports call it
      *theirs,          ///< the folder in which torchvision keeps it
      *before, *tests;  ///< the beginning of its files' names, and that of the test files behind it
  Names (*class_names)();
  int first_label = 0;    ///< the label of the first class in the files
  bool on_side = false;   ///< rows and columns of its images have changed places
  const char* ours = "";  ///< the folder in which the download keeps it; empty: as `name`
};

constexpr Set emnist(const char* name, const char* title, const char* before, Names (*class_names)(), int first = 0) {
  return {name, title, "EMNIST", before, "test-", class_names, first, true, "emnist/gzip"};
}

constexpr std::array sets{
    Set{"mnist", "MNIST", "MNIST", "", "t10k-", digits},
    Set{"fashion", "Fashion-MNIST", "FashionMNIST", "", "t10k-", fashion},
    Set{"kmnist", "KMNIST", "KMNIST", "", "t10k-", hiragana},
    emnist("emnist-balanced", "EMNIST balanced", "emnist-balanced-", merged),
    emnist("emnist-byclass", "EMNIST by class", "emnist-byclass-", by_class),
    emnist("emnist-bymerge", "EMNIST by merge", "emnist-bymerge-", merged),
    emnist("emnist-letters", "EMNIST letters", "emnist-letters-", letters, 1),
    emnist("emnist-digits", "EMNIST digits", "emnist-digits-", digits),
    emnist("emnist-mnist", "EMNIST MNIST", "emnist-mnist-", digits),
};

const Set& set_named(const std::string& name) {
  std::vector<std::string_view> known;
  for (const Set& set : sets) {
    if (name == set.name) return set;
    known.push_back(set.name);
  }
  fail_unknown("set", name, known);
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

/// The packed or the unpacked file, whichever is there; empty if neither is. The packed one has a known checksum.
fs::path either(const fs::path& folder, const std::string& name) {
  for (const char* ending : {".gz", ""})
    if (is_file(folder / (name + ending))) return folder / (name + ending);
  return {};
}

std::string images_of(const Set& set, const char* part) {
  return fmt::format("{}{}images-idx3-ubyte", set.before, part);
}
std::string labels_of(const Set& set, const char* part) {
  return fmt::format("{}{}labels-idx1-ubyte", set.before, part);
}

/// The folder with the files of `set`: where one of them is. A folder of the set's own is looked into first, because
/// three sets have files of the same names.
fs::path place_of(const fs::path& folder, const Set& set) {
  const fs::path own = *set.ours ? set.ours : set.name;
  for (const fs::path& place : {folder / own, folder / set.theirs / "raw", folder / own.filename(), folder})
    for (const char* part : {"train-", set.tests})
      if (!either(place, images_of(set, part)).empty() || !either(place, labels_of(set, part)).empty()) return place;
  fail(
      "no {0} in {1}: neither {2}.gz nor {2}, there or in {1}/{3}; fetch it with `mnist download --set {4} --data {1}`",
      set.title, folder.string(), images_of(set, "train-"), own.string(), set.name);
}

/// Throws Error for a packed file of another set, or of the official size with other content.
void check_content(const fs::path& file, const Set& set) {
  if (file.extension() != ".gz") return;
  const std::string md5 = md5_of_file(file);
  std::error_code ignored;
  for (const dataset_urls::MnistFiles& official : dataset_urls::mnist)
    for (const dataset_urls::DataFile& one : official.files) {
      const bool same_set = official.set == std::string_view(set.name), same_name = file.filename() == one.name;
      if (!same_set && md5 == one.file.md5)
        fail("{}: is a file of the set {}, expected {}; give --set {}, or another --data", file.string(), official.set,
             set.name, official.set);
      if (same_set && same_name && fs::file_size(file, ignored) == static_cast<uintmax_t>(one.file.bytes))
        MNEME_CHECK(md5 == one.file.md5,
                    "{}: has the size of the official file but other content; it is damaged, remove it and fetch it "
                    "again with `mnist download --set {}`, or read it unpacked if the change is meant",
                    file.string(), set.name);
    }
}

IdxArray read_part(const fs::path& place, const std::string& name, const Set& set, size_t axes, bool checked) {
  const fs::path file = either(place, name);
  MNEME_CHECK(!file.empty(), "no {}.gz in {}, nor that file unpacked; fetch it with `mnist download --set {}`", name,
              place.string(), set.name);
  if (checked) check_content(file, set);
  return parse_idx(read_file(file), file.string(), axes);
}

/// Appends an image's plane once for each channel.
void append_image(std::vector<uint8_t>& pixels, std::span<const uint8_t> image, bool on_side) {
  for (int channel = 0; channel < channels; ++channel)
    for (size_t i = 0; i < plane; ++i) pixels.push_back(image[on_side ? i % side * side + i / side : i]);
}

ResidentImages load_part(const fs::path& place, const Set& set, const char* part, const ImageSetInfo& info,
                         bool checked) {
  const IdxArray images = read_part(place, images_of(set, part), set, 3, checked),
                 labels = read_part(place, labels_of(set, part), set, 1, checked);
  const std::string pixels_name = either(place, images_of(set, part)).string(),
                    labels_name = either(place, labels_of(set, part)).string();
  MNEME_CHECK(images.shape[1] == side && images.shape[2] == side,
              "{}: holds images of {} x {} pixels, expected {} x {}; check that it is the right file", pixels_name,
              images.shape[1], images.shape[2], side, side);
  MNEME_CHECK(images.shape[0] > 0, "{}: holds no images; fetch it again", pixels_name);
  MNEME_CHECK(images.shape[0] == labels.shape[0], "{}: has {} images, and {} has {} labels; fetch both again",
              pixels_name, images.shape[0], labels_name, labels.shape[0]);
  ResidentImages loaded{info, {}, {}};
  loaded.pixels.reserve(images.values.size() * channels);
  for (size_t n = 0; n < images.shape[0]; ++n) {
    const int label = labels.values[n] - set.first_label;
    MNEME_CHECK(label >= 0 && label < info.classes(),
                "{}: image {} has label {}, expected {} to {}; check --set, or "
                "fetch it again",
                labels_name, n, labels.values[n], set.first_label, set.first_label + info.classes() - 1);
    loaded.labels.push_back(label);
    append_image(loaded.pixels, std::span(images.values).subspan(n * plane, plane), set.on_side);
  }
  return loaded;
}

/// Mean and deviation of all pixels, scaled to [0, 1] and rounded to the four digits that papers print.
Normalisation measured(const ResidentImages& images, const fs::path& place) {
  std::array<uint64_t, 256> count{};
  for (const uint8_t pixel : images.pixels) ++count[pixel];
  const double all = static_cast<double>(images.pixels.size());
  double mean = 0, square = 0;
  for (size_t value = 0; value < count.size(); ++value) {
    const double scaled = static_cast<double>(value) / 255, share = static_cast<double>(count[value]) / all;
    mean += share * scaled;
    square += share * scaled * scaled;
  }
  const auto rounded = [](double x) { return static_cast<float>(std::round(x * 1e4) / 1e4); };
  const float deviation = rounded(std::sqrt(std::max(0.0, square - mean * mean)));
  MNEME_CHECK(deviation > 0, "{}: all pixels of the training images are alike; fetch the files again", place.string());
  return {std::vector<float>(channels, rounded(mean)), std::vector<float>(channels, deviation)};
}

}  // namespace

std::vector<std::string> mnist_sets() {
  std::vector<std::string> names;
  for (const Set& set : sets) names.emplace_back(set.name);
  return names;
}

ResidentDataset load_mnist(const fs::path& folder, const MnistOptions& options) {
  const Set& set = set_named(options.set);
  const fs::path place = place_of(folder, set);
  const ImageSetInfo info{set.title, channels, side, side, set.class_names(), {}};
  ResidentDataset data{load_part(place, set, "train-", info, options.check_content),
                       load_part(place, set, set.tests, info, options.check_content)};
  data.train.info.normalisation = data.test.info.normalisation = measured(data.train, place);
  return data;
}

}  // namespace mneme
