#pragma once
// From resident 8-bit pixels to a normalised batch: gather, crop, flip, jitter and scale in one pass on the device.

#include <cstdint>
#include <span>
#include <string>

#include "data/image_set.h"
#include "engine/random.h"
#include "engine/tensor.h"

namespace mneme {

/// What is done to a training image before it is normalised.
enum class Crop {
  none,         ///< the image as it is
  pad_crop,     ///< zero-pad, then a crop of the image's size at a uniform offset: iCaRL, LUCIR, BiC
  resized_crop  ///< zero-pad, then a random area and aspect, resized back: what FACIL's reference runs on 32x32 images
};

struct Augmentation {
  Crop crop = Crop::none;
  int pad = 4;
  bool flip = false;      ///< horizontally, with probability 1/2
  double brightness = 0;  ///< multiplies pixels by U(1 - b, 1 + b); PODNet uses 63/255
};

/// "none", "crop" or "resized-crop", the latter two with flips. Throws UsageError for other names.
Augmentation augmentation_named(const std::string& name);
const char* name_of(Crop crop);

/// Which draws a batch uses: sample i of the batch uses counter (task, epoch, first_sample + i).
struct BatchDraws {
  RandomKey key;
  uint32_t task = 0, epoch = 0, first_sample = 0;
};

/// Images on a device.
class DeviceImages {
 public:
  DeviceImages(const ResidentImages& images, Device device, DType type = DType::f32);

  /// The images `indices`, augmented and normalised: (B, C, H, W).
  Tensor batch(std::span<const int> indices, const Augmentation& augmentation, const BatchDraws& draws) const;
  /// The images `indices` without augmentation.
  Tensor batch(std::span<const int> indices) const { return batch(indices, {}, {}); }

 private:
  Tensor pixels_;       // u8 (N, C H W)
  Tensor scale_shift_;  // (2, C): x' = scale x + shift for 8-bit x
  int channels_, height_, width_;
};

}  // namespace mneme
