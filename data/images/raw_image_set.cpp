#include "data/images/raw_image_set.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "data/files/checksum.h"
#include "engine/base/error.h"

namespace mneme {

RawImageSet::RawImageSet(std::vector<std::string> class_names, std::vector<int> labels)
    : class_names_(std::move(class_names)), labels_(std::move(labels)) {
  MNEME_CHECK(labels_.size() <= static_cast<size_t>(std::numeric_limits<int>::max()), "{} pictures are too many",
              labels_.size());
  for (const int label : labels_)
    MNEME_CHECK(label >= 0 && label < classes(), "a picture has label {}, but there are {} classes", label, classes());
}

ImageFiles::ImageFiles(ImageFileList list)
    : RawImageSet(std::move(list.class_names), std::move(list.labels)),
      root_(std::move(list.root)),
      files_(std::move(list.files)),
      bytes_(std::move(list.bytes)) {
  MNEME_CHECK(files_.size() == labels().size() && bytes_.size() == labels().size(),
              "{} files with {} labels and {} sizes", files_.size(), labels().size(), bytes_.size());
}

RawImage ImageFiles::picture(int i) const { return read_image_file(root_ / files_[static_cast<size_t>(i)]); }

std::string ImageFiles::where(int i) const { return (root_ / files_[static_cast<size_t>(i)]).string(); }

std::string ImageFiles::fingerprint() const {
  Sha256 sum;
  sum.add(fmt::format("{} pictures in files", size()));
  for (const std::string& name : class_names()) sum.add(fmt::format("{} {}", name.size(), name));
  for (size_t i = 0; i < files_.size(); ++i)
    sum.add(fmt::format("{} {} {} {}", labels()[i], bytes_[i], files_[i].size(), files_[i]));
  return sum.hex();
}

}  // namespace mneme
