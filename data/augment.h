#pragma once
// From resident 8-bit pixels to a normalised batch: gather, crop, flip, jitter and scale in one pass on the device.

#include "data/image_set.h"
#include "data/image_source.h"

namespace mneme {

/// Images on a device.
class DeviceImages final : public ImageSource {
 public:
  DeviceImages(const ResidentImages& images, Device device, DType type = DType::f32);
  /// Of one size, with what `info` says of it; pixels u8 (N, C H W).
  DeviceImages(const Tensor& pixels, const ImageSetInfo& info, DType type = DType::f32);

  Tensor assemble(const BatchRequest& request) const override;

 private:
  Tensor pixels_;       // u8 (N, C H W)
  Tensor scale_shift_;  // (2, C): x' = scale x + shift for 8-bit x
  int channels_, height_, width_;
};

}  // namespace mneme
