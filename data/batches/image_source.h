#pragma once
// How a network gets its images: batches, augmented and normalised, on a device.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/tensor.h"

namespace mneme {

/// What is done to a training image before it is normalised. Images of a streamed set, which come in any size, are
/// first brought to 256/224 of the network's side on their shorter side, but for `resized_crop`.
enum class Crop {
  none,         ///< the image as it is; of a streamed one, the centre
  pad_crop,     ///< zero-pad, then a crop at a uniform offset: iCaRL, LUCIR, BiC; a streamed one is not padded
  resized_crop  ///< a random area and aspect, resized: ImageNet's; resident images are zero-padded first, as FACIL does
};

struct Augmentation {
  Crop crop = Crop::none;
  int pad = 4;
  bool flip = false;      ///< horizontally, with probability 1/2
  double brightness = 0;  ///< multiplies pixels by U(1 - b, 1 + b); PODNet uses 63/255

  bool operator==(const Augmentation&) const = default;
};

/// The augmentation that --augmentation names: "none", "crop" or "resized-crop", the latter two with flips. Throws
/// UsageError for other names.
Augmentation augmentation_named(const std::string& name);
/// The word for messages and run.json.
const char* name_of(Crop crop);

/// Which draws a batch uses: sample i of the batch uses counter (task, epoch, first_sample + i).
struct BatchDraws {
  RandomKey key{};       ///< the key of the random stream
  uint32_t task = 0,     ///< the index of the task
      epoch = 0,         ///< the epoch within the task
      first_sample = 0;  ///< the number of the first sample of the batch
};

/// One batch: which images, and what is done to them.
struct BatchRequest {
  std::vector<int> images;         ///< (n): the indices of the images in their set
  Augmentation augmentation = {};  ///< how the images are changed at random
  BatchDraws draws = {};           ///< which random draws the augmentation uses
};

/// Requests for all of `images` in this order, without augmentation, `batch_size` images each; the last may have fewer.
std::vector<BatchRequest> in_batches(std::span<const int> images, int batch_size);

/// Makes batches of a set's images. Only one thread may ask.
class ImageSource {
 public:
  virtual ~ImageSource() = default;

  /// The images of the request, augmented and normalised: (B, C, H, W) on the source's device. Throws Error for an
  /// image that cannot be decoded, naming it.
  virtual Tensor assemble(const BatchRequest& request) const = 0;
  /// Tells which batches will be asked for next, in this order, so that work on them may begin; what was told before is
  /// forgotten. This is only a hint: other batches may be asked for in between, and in another sequence.
  virtual void prefetch(std::vector<BatchRequest> batches) const { (void)batches; }
  /// How many seconds in all were spent waiting for batches whose images were not decoded yet.
  virtual double seconds_waited() const { return 0; }

  /// assemble() for these images.
  Tensor batch(std::span<const int> images, const Augmentation& augmentation = {}, const BatchDraws& draws = {}) const {
    return assemble({{images.begin(), images.end()}, augmentation, draws});
  }
};

}  // namespace mneme
