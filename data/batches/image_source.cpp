#include "data/batches/image_source.h"

#include <algorithm>

#include "engine/base/suggest.h"

namespace mneme {
namespace {

constexpr std::pair<const char*, Crop> crop_names[] = {
    {"none", Crop::none}, {"crop", Crop::pad_crop}, {"resized-crop", Crop::resized_crop}};

}  // namespace

Augmentation augmentation_named(const std::string& name) {
  const Crop crop = choose_by_name("augmentation", name, crop_names);
  return {.crop = crop, .flip = crop != Crop::none};
}

const char* name_of(Crop crop) { return name_among(crop_names, crop); }

std::vector<BatchRequest> in_batches(std::span<const int> images, int batch_size) {
  std::vector<BatchRequest> batches;
  while (!images.empty()) {
    const std::size_t count = std::min(images.size(), static_cast<std::size_t>(batch_size));
    batches.push_back({{images.begin(), images.begin() + static_cast<std::ptrdiff_t>(count)}});
    images = images.subspan(count);
  }
  return batches;
}

}  // namespace mneme
