#pragma once
// Note [Streamed images]
// A set too large for memory is decoded while it is used. An epoch's batches are known before its first step, so that
// threads decode, crop and resize the next ones while the network works on this one; a few batches wait, never more.
// What becomes of an image depends on its counters alone (Note [Random numbers are counters]), hence neither on the
// threads nor on what was expected: a batch that was not is decoded when it is asked for.

#include <memory>
#include <string>

#include "data/batches/image_set.h"
#include "data/images/raw_image_set.h"

namespace mneme {

/// How images become a network's images.
struct StreamOptions {
  std::string name;             ///< the name of the set
  int side = 224;               ///< the side of the square that a network is given, in pixels
  Normalisation normalisation;  ///< the mean and deviation of the three channels
  int threads = 0;              ///< the number of threads that decode; 0: one for each core
};

class StreamedImages final : public ImageSet {
 public:
  StreamedImages(std::shared_ptr<const RawImageSet> images, const StreamOptions& options);

  std::unique_ptr<ImageSource> source(Device device, DType type) const override;
  RawImage thumbnail(int i) const override;
  /// The images' fingerprint and the side stand for the pixels.
  void identify_pixels(Sha256& sum) const override;

  const RawImageSet& images() const { return *images_; }
  int threads() const { return threads_; }

 private:
  std::shared_ptr<const RawImageSet> images_;
  int threads_;
};

/// The pixels to which an image's short side is resized before a square of `side` pixels is cut out of it without a
/// resized crop: ImageNet's evaluation keeps 224 of 256.
int short_side_for(int side);

/// Sample `sample` of a request, cut out of its image and resized: 8-bit (3, side, side), into `out`. Flips and
/// brightness are left to the device.
void cut_out(const RawImage& image, const BatchRequest& request, uint32_t sample, int side, std::span<uint8_t> out);

}  // namespace mneme
