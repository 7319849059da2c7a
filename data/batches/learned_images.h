#pragma once
// A set of which some images have pixels of their own, which are learned and no longer whole numbers.

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "data/batches/augment.h"
#include "data/images/image_file.h"

namespace mneme {

/// Wraps a source; images that are not kept come from it as they are.
class LearnedImages final : public ImageSource {
 public:
  /// Wraps the source `set` of images that `info` describes. Batches are assembled on `device` with numbers of `type`.
  /// At first no image is kept.
  LearnedImages(std::unique_ptr<ImageSource> set, const ImageSetInfo& info, Device device, DType type = DType::f32);

  /// Throws Error for resized crops, which are made of whole numbers.
  Tensor assemble(const BatchRequest& request) const override;
  void prefetch(std::vector<BatchRequest> batches) const override;
  double seconds_waited() const override { return set_->seconds_waited(); }

  /// From now on these images, no two the same, have pixels of their own: those that had keep them, the others begin as
  /// the set has them, and all else is forgotten.
  void keep(const std::vector<int>& images);
  /// The change of what a network is given: x <- x + change, (n, C, H, W), for images that are kept. Zeros change no
  /// bit.
  void change(std::span<const int> images, const Tensor& change);
  /// Pixels as 8-bit numbers hold them: fractions are cut off, and what is outside 0 to 255 wraps around.
  void truncate();

  /// The indices of the kept images, in the order of the rows of pixels().
  const std::vector<int>& images() const { return images_; }
  /// f32 (n, C H W), a row for each of images().
  Tensor pixels() const { return pixels_; }
  /// Keeps exactly `images`, with `pixels`, (n, C H W), as their own. Throws Error if `pixels` is of another shape.
  void restore(std::vector<int> images, const Tensor& pixels);
  /// An image that is kept, as ImageSet::thumbnail but of full size.
  std::optional<RawImage> raw_image(int image) const;

 private:
  std::vector<int> rows_of(const BatchRequest& request) const;

  std::unique_ptr<ImageSource> set_;
  ImageSetInfo info_;
  Device device_;
  DeviceImages plain_;  // what turns pixels of this set into a network's input
  std::vector<int> images_;
  std::map<int, int> row_of_;
  Tensor pixels_;
};

}  // namespace mneme
