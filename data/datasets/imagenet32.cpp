#include "data/datasets/imagenet32.h"

#include <algorithm>

#include "data/datasets/pickled_images.h"
#include "data/files/file_bytes.h"
#include "data/images/image_file.h"
#include "data/images/image_folder.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

constexpr int classes = 1000, batches = 10, side = 32, image_bytes = 3 * side * side;
constexpr const char* mend = "fetch it again from https://image-net.org/download-images (for registered users)";

ImageSetInfo info(std::vector<std::string> names) {
  return {"ImageNet-32", 3, side, side, std::move(names), {{0.481f, 0.457f, 0.408f}, {0.260f, 0.253f, 0.268f}}};
}

/// The pickles number their classes and name none.
std::vector<std::string> numbers() {
  std::vector<std::string> names;
  for (int label = 1; label <= classes; ++label) names.push_back(std::to_string(label));
  return names;
}

/// The choice of labels that are kept.
class Choice {
 public:
  Choice(const std::vector<int>& only, size_t all) : kept_(all, only.empty()) {
    for (const int label : only) kept_.at(static_cast<size_t>(label)) = true;
  }
  bool operator()(int label) const { return kept_[static_cast<size_t>(label)]; }

 private:
  std::vector<bool> kept_;
};

void append(ResidentImages& to, std::span<const uint8_t> image, int label) {
  to.pixels.insert(to.pixels.end(), image.begin(), image.end());
  to.labels.push_back(label);
}

fs::path batch_file(const fs::path& folder, int batch) { return folder / fmt::format("train_data_batch_{}", batch); }

void append_batch(ResidentImages& to, const fs::path& file, const Choice& kept) {
  std::error_code ignored;
  MNEME_CHECK(fs::is_regular_file(file, ignored), "no {}; the set is incomplete, {}", file.string(), mend);
  const ResidentImages batch = parse_imagenet32_batch(read_file(file), file.string());
  for (int i = 0; i < batch.size(); ++i)
    if (const int label = batch.labels[static_cast<size_t>(i)]; kept(label)) append(to, batch.image(i), label);
}

ResidentDataset load_pickles(const fs::path& folder, const Imagenet32Options& options) {
  const Choice kept(options.only, classes);
  ResidentDataset set{{info(numbers()), {}, {}}, {info(numbers()), {}, {}}};
  append_batch(set.train, batch_file(folder, 1), kept);
  set.train.pixels.reserve(set.train.pixels.size() * (batches + 1));  // growing would hold the whole set twice
  for (int batch = 2; batch <= batches; ++batch) append_batch(set.train, batch_file(folder, batch), kept);
  append_batch(set.test, folder / "val_data", kept);
  return set;
}

/// Adds to `remarks` what is doubtful about the images.
ResidentImages load_images(const ImageFileList& list, const Choice& kept, std::vector<std::string>& remarks) {
  Diagnostics doubtful;
  ResidentImages images{info(list.class_names), {}, {}};
  for (size_t i = 0; i < list.labels.size(); ++i) {
    if (!kept(list.labels[i])) continue;
    const RawImage image = read_image_file(list.path(i));
    MNEME_CHECK(image.height == side && image.width == side,
                "{}: {} x {} pixels, expected {} x {}; scale the images first", list.path(i).string(), image.width,
                image.height, side, side);
    append(images, image.pixels, list.labels[i]);
    if (image.remark != DecodeRemark::none) doubtful.add_remark(phrase_of(image.remark), list.path(i).string());
  }
  for (std::string& remark : doubtful.remarks()) remarks.push_back(std::move(remark));
  return images;
}

ResidentDataset load_folders(const fs::path& folder, const Imagenet32Options& options) {
  const ImageFileSplit split = list_image_folders(folder / "train", folder / "val", {.skip_bad = -1});
  const Choice kept(options.only, split.train.class_names.size());
  std::vector<std::string> remarks = split.left_out.remarks();
  return {load_images(split.train, kept, remarks), load_images(split.test, kept, remarks), remarks};
}

bool holds_folders(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_directory(folder / "train", ignored) && fs::is_directory(folder / "val", ignored);
}

}  // namespace

ResidentImages parse_imagenet32_batch(std::string bytes, const std::string& name) {
  const Pickle pickle(std::move(bytes), name);
  const PickledImages content(pickle, mend);
  const std::string_view pixels = content.pixels("data", side);
  ResidentImages images{info(numbers()), {pixels.begin(), pixels.end()}, content.labels("labels", classes)};
  MNEME_CHECK(images.labels.size() == pixels.size() / image_bytes, "{}: {} images but {} labels; {}", name,
              pixels.size() / image_bytes, images.labels.size(), mend);
  for (int& label : images.labels)
    MNEME_CHECK(--label >= 0,
                "{}: has label 0, but ImageNet-32 numbers its classes 1..{}: add 1 to labels from 0, or {}", name,
                classes, mend);
  return images;
}

bool holds_imagenet32_pickles(const fs::path& folder) {
  std::error_code ignored;  // a path that cannot be examined counts as missing
  return fs::exists(batch_file(folder, 1), ignored) || fs::exists(folder / "val_data", ignored);
}

ResidentDataset load_imagenet32(const fs::path& folder, const Imagenet32Options& options) {
  if (holds_imagenet32_pickles(folder)) return load_pickles(folder, options);
  if (holds_folders(folder)) return load_folders(folder, options);
  fail(
      "no ImageNet-32 in {}: neither train_data_batch_1 to train_data_batch_10 with val_data, nor the folders train "
      "and val; registered users find it at https://image-net.org/download-images",
      folder.string());
}

}  // namespace mneme
