#include "data/batches/streamed_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <thread>

#include "data/batches/augment.h"
#include "data/batches/crop_draws.h"
#include "data/batches/decode_ahead.h"
#include "data/files/checksum.h"
#include "data/images/resize.h"

namespace mneme {
namespace {

constexpr int channels = 3, thumbnail_side = 48, batches_ahead = 3;

ImageSetInfo info_of(const RawImageSet& images, const StreamOptions& o) {
  return {o.name, channels, o.side, o.side, images.class_names(), o.normalisation};
}

class StreamedSource final : public ImageSource {
 public:
  StreamedSource(const StreamedImages& images, Device device, DType type)
      : info_(images.info),
        device_(device),
        plain_(info_, device, type),
        ahead_(work(images), info_.image_bytes(), images.threads(), batches_ahead) {}

  Tensor assemble(const BatchRequest& request) const override {
    const std::vector<uint8_t> pixels = ahead_.take(request);
    const auto count = static_cast<int64_t>(request.images.size());
    BatchRequest here{std::vector<int>(request.images.size()), request.augmentation, request.draws};
    std::iota(here.images.begin(), here.images.end(), 0);
    here.augmentation.crop = Crop::none;
    const Tensor on_device = Tensor::from(pixels, {count, static_cast<int64_t>(info_.image_bytes())}, device_);
    return plain_.holding(on_device).assemble(here);
  }

  void prefetch(std::vector<BatchRequest> batches) const override { ahead_.prefetch(std::move(batches)); }
  double seconds_waited() const override { return ahead_.seconds_waited(); }

 private:
  static DecodeAhead::Work work(const StreamedImages& images) {
    return [&images = images.images(), side = images.info.height](const BatchRequest& request, uint32_t sample,
                                                                  uint8_t* out) {
      const size_t bytes = static_cast<size_t>(channels) * static_cast<size_t>(side) * static_cast<size_t>(side);
      cut_out(images.image(request.images[sample]), request, sample, side, {out, bytes});
    };
  }

  ImageSetInfo info_;
  Device device_;
  DeviceImages plain_;         // what turns pixels of this set into a network's input
  mutable DecodeAhead ahead_;  // what waits there changes no batch
};

}  // namespace

int short_side_for(int side) { return (side * 256 + 223) / 224; }

void cut_out(const RawImage& image, const BatchRequest& request, uint32_t sample, int side, std::span<uint8_t> out) {
  const SampleDraws draws{request.draws, sample};
  RawImage cut;
  switch (request.augmentation.crop) {
    case Crop::none: cut = resized_centre(image, short_side_for(side), {side, side}); break;
    case Crop::pad_crop: {
      const RawImage small = resized_to_short_side(image, short_side_for(side));
      cut = cropped(small, draws.shifted_box(side, side, small.height - side, small.width - side));
      break;
    }
    case Crop::resized_crop: cut = resized(image, draws.resized_box(image.height, image.width), side, side); break;
  }
  std::copy(cut.pixels.begin(), cut.pixels.end(), out.begin());
}

StreamedImages::StreamedImages(std::shared_ptr<const RawImageSet> images, const StreamOptions& options)
    : ImageSet(info_of(*images, options), images->labels()),
      images_(std::move(images)),
      threads_(options.threads > 0 ? options.threads
                                   : std::max(1, static_cast<int>(std::thread::hardware_concurrency()))) {}

std::unique_ptr<ImageSource> StreamedImages::source(Device device, DType type) const {
  return std::make_unique<StreamedSource>(*this, device, type);
}

RawImage StreamedImages::thumbnail(int i) const {
  return resized_centre(images_->image(i), thumbnail_side, {thumbnail_side, thumbnail_side});
}

void StreamedImages::identify_pixels(Sha256& sum) const {
  sum.add(fmt::format("streamed at {} pixels from {}", info.height, images_->fingerprint()));
}

}  // namespace mneme
