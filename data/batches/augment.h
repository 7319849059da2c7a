#pragma once
// From resident 8-bit pixels to a normalised batch: gather, crop, flip, jitter and scale in one pass on the device.

#include "data/batches/image_set.h"
#include "data/batches/image_source.h"

namespace mneme {

/// Images on a device.
class DeviceImages final : public ImageSource {
 public:
  DeviceImages(const ResidentImages& images, Device device, DType type = DType::f32);
  /// No images yet: what all of a set have in common.
  DeviceImages(const ImageSetInfo& info, Device device, DType type = DType::f32);
  /// The same with these images, pixels u8 or f32 (N, C H W); the latter are not for resized_crop.
  DeviceImages holding(const Tensor& pixels) const;

  Tensor assemble(const BatchRequest& request) const override;

 private:
  Tensor pixels_;       // u8 (N, C H W)
  Tensor scale_shift_;  // (2, C): x' = scale x + shift for 8-bit x
  int channels_, height_, width_;
};

}  // namespace mneme
