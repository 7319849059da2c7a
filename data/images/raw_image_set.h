#pragma once
// RawImages of any size with labels, too many to keep in memory: what a run reads them from.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/images/image_file.h"

namespace mneme {

/// Wherever the pictures are stored: in files, or in a pack.
class RawImageSet {
 public:
  virtual ~RawImageSet() = default;
  RawImageSet(const RawImageSet&) = delete;
  RawImageSet& operator=(const RawImageSet&) = delete;

  const std::vector<std::string>& class_names() const { return class_names_; }  // index = label
  const std::vector<int>& labels() const { return labels_; }                    // each in [0, classes)
  int classes() const { return static_cast<int>(class_names_.size()); }
  int size() const { return static_cast<int>(labels_.size()); }

  /// RawImage i, upright, in [0, size()); from any thread. Throws Error naming the file.
  virtual RawImage picture(int i) const = 0;
  /// Where picture i is, for messages.
  virtual std::string where(int i) const = 0;
  /// Changes when the set does, without a look at all pixels; 64 hexadecimal digits. A set has one for its files and
  /// another for its pack.
  virtual std::string fingerprint() const = 0;

 protected:
  /// Throws Error if a label has no class, or there are more than 2^31 - 1 pictures.
  RawImageSet(std::vector<std::string> class_names, std::vector<int> labels);

 private:
  std::vector<std::string> class_names_;
  std::vector<int> labels_;
};

/// Many names in one block of memory.
class NameList {
 public:
  void add(std::string_view name) {
    bytes_ += name;
    ends_.push_back(bytes_.size());
  }
  size_t size() const { return ends_.size(); }
  std::string_view operator[](size_t i) const {
    const size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(begin, ends_[i] - begin);
  }

 private:
  std::string bytes_;
  std::vector<size_t> ends_;
};

/// Files with labels, as they were found.
struct ImageFileList {
  std::vector<std::string> class_names = {};  // index = label
  std::filesystem::path root = {};
  NameList files = {};               // relative to root
  std::vector<int> labels = {};      // of files
  std::vector<uint64_t> bytes = {};  // of files

  void add(std::string_view file, int label, uint64_t size) {
    files.add(file);
    labels.push_back(label);
    bytes.push_back(size);
  }
  std::filesystem::path path(size_t i) const { return root / files[i]; }
};

/// RawImages decoded whenever they are asked for.
class ImageFiles : public RawImageSet {
 public:
  explicit ImageFiles(ImageFileList list);

  RawImage picture(int i) const override;
  std::string where(int i) const override;
  /// Of class names, and of every file's name, size and label.
  std::string fingerprint() const override;

 private:
  std::filesystem::path root_;
  NameList files_;
  std::vector<uint64_t> bytes_;
};

}  // namespace mneme
