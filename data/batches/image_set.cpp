#include "data/batches/image_set.h"

#include "data/batches/augment.h"
#include "data/files/checksum.h"
#include "data/images/image_file.h"

namespace mneme {

std::unique_ptr<ImageSource> ResidentImages::source(Device device, DType type) const {
  return std::make_unique<DeviceImages>(*this, device, type);
}

RawImage picture_of(const ImageSetInfo& info, std::span<const uint8_t> planes) {
  const std::size_t plane = planes.size() / static_cast<std::size_t>(info.channels);
  RawImage picture{info.height, info.width, {}};
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const auto from = planes.subspan(info.channels > 1 ? channel * plane : 0, plane);
    picture.pixels.insert(picture.pixels.end(), from.begin(), from.end());
  }
  return picture;
}

RawImage ResidentImages::thumbnail(int i) const { return picture_of(info, image(i)); }

void ResidentImages::identify_pixels(Sha256& sum) const {
  sum.add({reinterpret_cast<const char*>(pixels.data()), pixels.size()});
}

OwnedDataset::OwnedDataset(ResidentDataset data)
    : train(std::make_shared<ResidentImages>(std::move(data.train))),
      test(std::make_shared<ResidentImages>(std::move(data.test))) {}

}  // namespace mneme
