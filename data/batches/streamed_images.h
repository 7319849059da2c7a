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

/// How pictures become a network's images.
struct StreamOptions {
  std::string name;             ///< of the set
  int side = 224;               ///< of the square that a network is given
  Normalisation normalisation;  ///< of three channels
  int threads = 0;              ///< that decode; 0: as many as the processor has
};

class StreamedImages final : public ImageSet {
 public:
  StreamedImages(std::shared_ptr<const RawImageSet> pictures, const StreamOptions& options);

  std::unique_ptr<ImageSource> source(Device device, DType type) const override;
  RawImage thumbnail(int i) const override;
  /// The pictures' fingerprint and the side stand for the pixels.
  void identify_pixels(Sha256& sum) const override;

  const RawImageSet& pictures() const { return *pictures_; }
  int threads() const { return threads_; }

 private:
  std::shared_ptr<const RawImageSet> pictures_;
  int threads_;
};

/// Sample `sample` of a request, cut out of its picture and resized: 8-bit (3, side, side), into `out`. Flips and
/// brightness are left to the device.
void cut_out(const RawImage& picture, const BatchRequest& request, uint32_t sample, int side, std::span<uint8_t> out);

}  // namespace mneme
