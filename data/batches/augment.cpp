#include "data/batches/augment.h"

#include "data/batches/crop_draws.h"
#include "data/images/taps.h"
#include "engine/launch.h"

namespace mneme {
namespace {

/// The crop, the flip and the factor of brightness of one sample.
struct View {
  Box box;  // in padded pixels
  int32_t flip;
  float brightness;
};

struct DrawViews {
  View* views;
  BatchDraws draws;
  Augmentation augmentation;
  int32_t height, width;

  double bytes_each() const { return sizeof(View); }
  ON_DEVICE void operator()(int64_t i) const {
    const SampleDraws sample{draws, static_cast<uint32_t>(i)};
    View v{{0, 0, height, width}, 0, 1.0f};
    if (augmentation.flip) v.flip = sample.flips();
    if (augmentation.brightness > 0) v.brightness = static_cast<float>(sample.brightness(augmentation.brightness));
    if (augmentation.crop == Crop::pad_crop)
      v.box = sample.shifted_box(height, width, 2 * augmentation.pad, 2 * augmentation.pad);
    else if (augmentation.crop == Crop::resized_crop)
      v.box = sample.resized_box(height + 2 * augmentation.pad, width + 2 * augmentation.pad);
    views[i] = v;
  }
};

/// From pixels P, 8-bit or learned ones.
template <class P, class R>
struct Gather {
  const P* pixels;
  const int32_t* indices;
  const View* views;
  const R* scale_shift;
  R* out;
  int32_t channels, height, width, pad;
  bool resize;

  /// Pixel (y, x) of the padded image's channel; black outside the image.
  ON_DEVICE P padded(const P* plane, int32_t y, int32_t x) const {
    y -= pad, x -= pad;
    return y < 0 || y >= height || x < 0 || x >= width ? P{0} : plane[y * width + x];
  }

  /// Rows first, then columns, each rounded to 8 bits, as image libraries do.
  ON_DEVICE int32_t resized(const P* plane, const View& v, int32_t y, int32_t x) const {
    const Taps across(x, v.box.width, width), down(y, v.box.height, height);
    int32_t column = 0;
    for (int32_t j = 0; j < down.count; ++j) {
      int32_t row = 0;
      for (int32_t i = 0; i < across.count; ++i)
        row += across.weight(i) *
               static_cast<int32_t>(padded(plane, v.box.top + down.first + j, v.box.left + across.first + i));
      column += down.weight(j) * Taps::rounded(row);
    }
    return Taps::rounded(column);
  }

  double bytes_each() const { return sizeof(P) + sizeof(R); }
  ON_DEVICE void operator()(int64_t i) const {
    const int32_t x = static_cast<int32_t>(i % width), y = static_cast<int32_t>(i / width % height),
                  c = static_cast<int32_t>(i / width / height % channels);
    const int64_t b = i / width / height / channels;
    const View& v = views[b];
    const P* plane = pixels + (static_cast<int64_t>(indices[b]) * channels + c) * height * width;
    const int32_t seen = v.flip ? width - 1 - x : x;
    double value =
        resize ? static_cast<P>(resized(plane, v, y, seen)) : padded(plane, v.box.top + y, v.box.left + seen);
    if (v.brightness != 1.0f) value = value * v.brightness < 255 ? value * v.brightness : 255;
    out[i] = static_cast<R>(scale_shift[c] * value + scale_shift[channels + c]);
  }
};

}  // namespace

DeviceImages::DeviceImages(const ResidentImages& images, Device device, DType type)
    : DeviceImages(images.info, device, type) {
  pixels_ = Tensor::from(images.pixels, {images.size(), static_cast<int64_t>(images.info.image_bytes())}, device);
}

DeviceImages::DeviceImages(const ImageSetInfo& info, Device device, DType type)
    : channels_(info.channels), height_(info.height), width_(info.width) {
  std::vector<double> affine;
  for (float deviation : info.normalisation.std) affine.push_back(1 / (255.0 * deviation));
  for (size_t c = 0; c < static_cast<size_t>(channels_); ++c)
    affine.push_back(-info.normalisation.mean[c] / static_cast<double>(info.normalisation.std[c]));
  scale_shift_ = Tensor::from(affine, {2, channels_}, {device, type, Layout::plain});
}

DeviceImages DeviceImages::holding(const Tensor& pixels) const {
  DeviceImages out = *this;
  out.pixels_ = pixels;
  return out;
}

Tensor DeviceImages::assemble(const BatchRequest& request) const {
  const Device device = pixels_.device();
  const int64_t count = static_cast<int64_t>(request.images.size());
  const Tensor chosen = Tensor::from(request.images, {count}, device);
  const Tensor views = Tensor::empty({count * static_cast<int64_t>(sizeof(View))}, {device, DType::u8, Layout::plain});
  auto* view = static_cast<View*>(views.raw());
  const Crop crop = request.augmentation.crop;
  const int pad = crop == Crop::none ? 0 : request.augmentation.pad;
  for_each(device, count, DrawViews{view, request.draws, request.augmentation, height_, width_});
  Tensor out = Tensor::empty({count, channels_, height_, width_}, scale_shift_.options());
  const auto gather = [&]<class P>(const P* pixels) {
    with_real(out.dtype(), [&](auto kind) {
      using R = decltype(kind);
      for_each(device, out.size(),
               Gather<P, R>{pixels, chosen.data<int32_t>(), view, scale_shift_.data<R>(), out.data<R>(), channels_,
                            height_, width_, pad, crop == Crop::resized_crop});
    });
  };
  if (pixels_.dtype() == DType::u8)
    gather(pixels_.data<uint8_t>());
  else
    gather(pixels_.data<float>());
  return out;
}

}  // namespace mneme
