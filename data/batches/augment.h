#pragma once
// Batches of images that lie on the device: one pass over 8-bit pixels gathers, crops, flips, changes brightness and
// normalises.

#include "data/batches/image_set.h"
#include "data/batches/image_source.h"

namespace mneme {

/// Images whose pixels lie on a device.
class DeviceImages final : public ImageSource {
 public:
  /// Copies the pixels of `images` to `device`; batches are of `type`.
  DeviceImages(const ResidentImages& images, Device device, DType type = DType::f32);
  /// Has no images yet, but what all images of a set have in common: sizes and normalisation.
  DeviceImages(const ImageSetInfo& info, Device device, DType type = DType::f32);
  /// Another set of images, with these pixels in place of the present ones: u8 or f32 (N, C, H, W) on the device.
  DeviceImages holding(const Tensor& pixels) const;

  /// As ImageSource::assemble: (B, C, H, W). Throws Error for Crop::resized_crop of f32 pixels.
  Tensor assemble(const BatchRequest& request) const override;

 private:
  Tensor pixels_;       // u8 (N, C H W)
  Tensor scale_shift_;  // (2, C): x' = scale x + shift for 8-bit x
  int channels_, height_, width_;
};

}  // namespace mneme
