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

ImageSetInfo info_of(const RawImageSet& pictures, const StreamOptions& o) {
  return {o.name, channels, o.side, o.side, pictures.class_names(), o.normalisation};
}

/// ImageNet's evaluation keeps 224 of 256 pixels.
int short_side_for(int side) { return (side * 256 + 223) / 224; }

void copy_box(const RawImage& from, const Box& box, std::span<uint8_t> out) {
  auto to = out.begin();
  for (int channel = 0; channel < channels; ++channel)
    for (int y = 0; y < box.height; ++y) {
      const auto row = from.pixels.begin() + (static_cast<int64_t>(channel) * from.height + box.top + y) * from.width;
      to = std::copy(row + box.left, row + box.left + box.width, to);
    }
}

RawImage shrunk(const RawImage& picture, int short_side) {
  const Extent size = with_short_side({picture.height, picture.width}, short_side);
  return resized(picture, whole(picture), size.height, size.width);
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
    return [&pictures = images.pictures(), side = images.info.height](const BatchRequest& request, uint32_t sample,
                                                                      uint8_t* out) {
      const size_t bytes = static_cast<size_t>(channels) * static_cast<size_t>(side) * static_cast<size_t>(side);
      cut_out(pictures.picture(request.images[sample]), request, sample, side, {out, bytes});
    };
  }

  ImageSetInfo info_;
  Device device_;
  DeviceImages plain_;         // what turns pixels of this set into a network's input
  mutable DecodeAhead ahead_;  // what waits there changes no batch
};

}  // namespace

void cut_out(const RawImage& picture, const BatchRequest& request, uint32_t sample, int side, std::span<uint8_t> out) {
  const SampleDraws draws{request.draws, sample};
  if (request.augmentation.crop == Crop::resized_crop) {
    const Box box = draws.resized_box(picture.height, picture.width);
    const RawImage cut = resized(picture, box, side, side);
    std::copy(cut.pixels.begin(), cut.pixels.end(), out.begin());
    return;
  }
  const RawImage small = shrunk(picture, short_side_for(side));
  const Box box = request.augmentation.crop == Crop::none
                      ? centre_box({small.height, small.width}, {side, side})
                      : draws.shifted_box(side, side, small.height - side, small.width - side);
  copy_box(small, box, out);
}

StreamedImages::StreamedImages(std::shared_ptr<const RawImageSet> pictures, const StreamOptions& options)
    : ImageSet(info_of(*pictures, options), pictures->labels()),
      pictures_(std::move(pictures)),
      threads_(options.threads > 0 ? options.threads
                                   : std::max(1, static_cast<int>(std::thread::hardware_concurrency()))) {}

std::unique_ptr<ImageSource> StreamedImages::source(Device device, DType type) const {
  return std::make_unique<StreamedSource>(*this, device, type);
}

RawImage StreamedImages::thumbnail(int i) const {
  const RawImage small = shrunk(pictures_->picture(i), thumbnail_side);
  RawImage out{thumbnail_side, thumbnail_side, std::vector<uint8_t>(channels * thumbnail_side * thumbnail_side)};
  copy_box(small, centre_box({small.height, small.width}, {thumbnail_side, thumbnail_side}), out.pixels);
  return out;
}

void StreamedImages::identify_pixels(Sha256& sum) const {
  sum.add(fmt::format("streamed at {} pixels from {}", info.height, pictures_->fingerprint()));
}

}  // namespace mneme
