#include "data/batches/learned_images.h"

#include <algorithm>
#include <cmath>

#include "engine/launch.h"
#include "engine/ops.h"

namespace mneme {
namespace {

/// Images whose row is not negative are taken from `own`.
template <class R>
struct TakeOwn {
  const int32_t* rows;
  const R* own;
  R* out;
  int64_t per_image;

  double bytes_each() const { return 2 * sizeof(R); }
  ON_DEVICE void operator()(int64_t i) const {
    if (rows[i / per_image] >= 0) out[i] = own[i];
  }
};

/// Converts a change of normalised pixels into a change of pixels in the range from 0 to 255.
template <class R>
struct Change {
  const int32_t* rows;
  const R *change, *scale_of_channel;
  float* pixels;
  int64_t per_image, per_channel;

  double bytes_each() const { return sizeof(R) + 2 * sizeof(float); }
  ON_DEVICE void operator()(int64_t i) const {
    const int64_t at = i % per_image;
    float& pixel = pixels[rows[i / per_image] * per_image + at];
    pixel += static_cast<float>(change[i] * scale_of_channel[at / per_channel]);
  }
};

Tensor integers(const std::vector<int>& values, Device device) {
  return Tensor::from(values, {static_cast<int64_t>(values.size())}, device);
}

}  // namespace

LearnedImages::LearnedImages(std::unique_ptr<ImageSource> set, const ImageSetInfo& info, Device device, DType type)
    : set_(std::move(set)), info_(info), device_(device), plain_(info, device, type) {}

Tensor LearnedImages::assemble(const BatchRequest& request) const {
  const std::vector<int> rows = rows_of(request);
  const auto of_set = std::ranges::count(rows, -1);
  if (of_set == std::ssize(rows)) return set_->assemble(request);
  MNEME_CHECK(request.augmentation.crop != Crop::resized_crop,
              "learned exemplars cannot be shown as resized crops: give --augmentation crop");
  BatchRequest here = request;
  for (size_t i = 0; i < rows.size(); ++i) here.images[i] = std::max(0, rows[i]);
  const Tensor own = plain_.holding(pixels_).assemble(here);
  if (of_set == 0) return own;
  const Tensor out = set_->assemble(request), row = integers(rows, out.device());
  with_real(out.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each(out.device(), out.size(),
             TakeOwn<R>{row.data<int32_t>(), own.data<R>(), out.data<R>(), out.size() / out.dim(0)});
  });
  return out;
}

/// A row of the pixels for each image; -1 where an image is as the set has it.
std::vector<int> LearnedImages::rows_of(const BatchRequest& request) const {
  std::vector<int> rows;
  for (const int image : request.images) {
    const auto kept = row_of_.find(image);
    rows.push_back(kept == row_of_.end() ? -1 : kept->second);
  }
  return rows;
}

void LearnedImages::prefetch(std::vector<BatchRequest> batches) const {
  std::erase_if(batches, [this](const BatchRequest& batch) { return std::ranges::count(rows_of(batch), -1) == 0; });
  set_->prefetch(std::move(batches));
}

void LearnedImages::keep(const std::vector<int>& images) {
  const auto length = static_cast<int64_t>(info_.image_bytes()), count = static_cast<int64_t>(images.size());
  const std::vector<float> before = pixels_ ? pixels_.floats() : std::vector<float>();
  std::vector<float> pixels;
  for (const int image : images) {
    if (const auto kept = row_of_.find(image); kept != row_of_.end()) {
      const auto row = before.begin() + kept->second * length;
      pixels.insert(pixels.end(), row, row + length);
      continue;
    }
    const std::vector<float> shown = set_->batch(std::vector{image}).floats();
    for (size_t i = 0; i < shown.size(); ++i) {
      const size_t channel = i / (shown.size() / static_cast<size_t>(info_.channels));
      const Normalisation& n = info_.normalisation;
      pixels.push_back(std::round(255 * (shown[i] * n.std[channel] + n.mean[channel])));
    }
  }
  restore(images, Tensor::from(pixels, {count, length}, {device_, DType::f32, Layout::plain}));
}

void LearnedImages::restore(std::vector<int> images, const Tensor& pixels) {
  MNEME_CHECK((pixels.shape() == Shape{static_cast<int64_t>(images.size()), static_cast<int64_t>(info_.image_bytes())}),
              "pixels of {} learned images are of shape {}", images.size(), pixels.shape().text());
  pixels_ = pixels.to(device_);
  images_ = std::move(images);
  row_of_.clear();
  for (size_t row = 0; row < images_.size(); ++row) row_of_[images_[row]] = static_cast<int>(row);
}

void LearnedImages::change(std::span<const int> images, const Tensor& change) {
  std::vector<int> rows;
  for (const int image : images) rows.push_back(row_of_.at(image));
  std::vector<double> scale;
  for (const float deviation : info_.normalisation.std) scale.push_back(255.0 * deviation);
  const Tensor row = integers(rows, change.device()), plain = change.to(Layout::plain);
  const Tensor per_channel = Tensor::from(scale, {info_.channels}, {change.device(), change.dtype(), Layout::plain});
  with_real(change.dtype(), [&](auto kind) {
    using R = decltype(kind);
    const int64_t per_image = change.size() / change.dim(0);
    for_each(change.device(), change.size(),
             Change<R>{row.data<int32_t>(), plain.data<R>(), per_channel.data<R>(), pixels_.data<float>(), per_image,
                       per_image / info_.channels});
  });
}

void LearnedImages::truncate() {
  std::vector<float> pixels = pixels_.floats();
  for (float& pixel : pixels) pixel = static_cast<float>(static_cast<uint8_t>(static_cast<int32_t>(pixel)));
  pixels_ = Tensor::from(pixels, pixels_.shape(), pixels_.options());
}

std::optional<RawImage> LearnedImages::raw_image(int image) const {
  const auto kept = row_of_.find(image);
  if (kept == row_of_.end()) return {};
  const auto length = static_cast<int64_t>(info_.image_bytes());
  const std::vector<float> pixels = Tensor::view(pixels_, kept->second * length, {length}).floats();
  std::vector<uint8_t> whole;
  for (const float pixel : pixels) whole.push_back(static_cast<uint8_t>(std::lround(std::clamp(pixel, 0.0f, 255.0f))));
  return raw_image_of(info_, whole);
}

}  // namespace mneme
