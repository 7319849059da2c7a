#pragma once
// Sets of raw images with labels, of any size and too many to keep in memory: what a run reads them from.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/images/image_file.h"

namespace mneme {

/// A set of raw images, whether they are stored in files or in a pack.
class RawImageSet {
 public:
  virtual ~RawImageSet() = default;
  RawImageSet(const RawImageSet&) = delete;
  RawImageSet& operator=(const RawImageSet&) = delete;

  /// The name of each class; the index is the label.
  const std::vector<std::string>& class_names() const { return class_names_; }
  /// The label of each image, in [0, classes()).
  const std::vector<int>& labels() const { return labels_; }
  /// The number of classes.
  int classes() const { return static_cast<int>(class_names_.size()); }
  /// The number of images.
  int size() const { return static_cast<int>(labels_.size()); }

  /// Image i in [0, size()), decoded and upright. Any thread may ask. Throws Error, naming the file, if it cannot be
  /// decoded.
  virtual RawImage image(int i) const = 0;
  /// Where image i is stored, for messages.
  virtual std::string where(int i) const = 0;
  /// 64 hexadecimal digits that change when the set does, found without a look at all pixels. A set in files and the
  /// same set in a pack have different ones.
  virtual std::string fingerprint() const = 0;

 protected:
  /// Throws Error if a label has no class, or there are more than 2^31 - 1 images.
  RawImageSet(std::vector<std::string> class_names, std::vector<int> labels);

 private:
  std::vector<std::string> class_names_;
  std::vector<int> labels_;
};

/// Many names in one block of memory.
class NameList {
 public:
  /// Appends a copy of `name`.
  void add(std::string_view name) {
    bytes_ += name;
    ends_.push_back(bytes_.size());
  }
  /// The number of names.
  size_t size() const { return ends_.size(); }
  /// Name i in [0, size()). The view is valid until the next add().
  std::string_view operator[](size_t i) const {
    const size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(begin, ends_[i] - begin);
  }

 private:
  std::string bytes_;
  std::vector<size_t> ends_;
};

/// Image files with labels, as they were found; nothing is decoded.
struct ImageFileList {
  std::vector<std::string> class_names = {};  ///< the name of each class; the index is the label
  std::filesystem::path root = {};            ///< the folder that relative names begin from
  NameList files = {};                        ///< the path of each file, absolute or relative to `root`
  std::vector<int> labels = {};               ///< the label of each file
  std::vector<uint64_t> bytes = {};           ///< the size of each file in bytes

  /// Appends a file with its label and its size in bytes.
  void add(std::string_view file, int label, uint64_t size) {
    files.add(file);
    labels.push_back(label);
    bytes.push_back(size);
  }
  /// The path of file i, with `root` before it if it is relative.
  std::filesystem::path path(size_t i) const { return root / files[i]; }
};

/// Raw images in files, each decoded whenever it is asked for.
class ImageFiles : public RawImageSet {
 public:
  /// Takes over the list. Throws Error unless every file has one label and one size.
  explicit ImageFiles(ImageFileList list);

  RawImage image(int i) const override;
  std::string where(int i) const override;
  /// Of class names, and of every file's name, size and label.
  std::string fingerprint() const override;

 private:
  std::filesystem::path root_;
  NameList files_;
  std::vector<uint64_t> bytes_;
};

}  // namespace mneme
