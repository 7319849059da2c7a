#include "data/augment.h"

#include <cmath>

#include "data/taps.h"
#include "engine/launch.h"
#include "engine/suggest.h"

namespace mneme {
namespace {

/// One sample's draws: the part of the padded image that is kept, and what happens to it.
struct View {
  int32_t top, left, height, width;  // of the crop, in padded pixels
  int32_t flip;
  float brightness;
};

/// Draws are numbered within the sample: 0 flip, 1 brightness, 2-3 offset, 4.. attempts of the resized crop.
struct DrawViews {
  View* views;
  BatchDraws draws;
  Augmentation augmentation;
  int32_t height, width;

  ON_DEVICE RandomCounter counter(int64_t i, uint32_t draw) const {
    return {draws.task, draws.epoch, draws.first_sample + static_cast<uint32_t>(i), draw};
  }
  ON_DEVICE double uniform(int64_t i, uint32_t draw, double low, double high) const {
    return low + (high - low) * uniform01_double(draws.key, counter(i, draw));
  }
  ON_DEVICE int32_t integer(int64_t i, uint32_t draw, int32_t most) const {
    return static_cast<int32_t>(uniform_int(draws.key, counter(i, draw), static_cast<uint32_t>(most) + 1));
  }

  /// Random-resized-crop on an H x W image: up to ten attempts at area U(0.08, 1) H W and log-aspect
  /// U(ln 3/4, ln 4/3), each accepted if it fits; then the whole image. H = W here, so the aspect needs no clamping.
  ON_DEVICE void resized(int64_t i, int32_t h, int32_t w, View& v) const {
    for (uint32_t attempt = 0; attempt < 10; ++attempt) {
      const uint32_t draw = 4 + 4 * attempt;
      const double area = uniform(i, draw, 0.08, 1.0) * h * w;
      const double aspect = std::exp(uniform(i, draw + 1, std::log(3.0 / 4), std::log(4.0 / 3)));
      const int32_t cw = static_cast<int32_t>(std::rint(std::sqrt(area * aspect))),
                    ch = static_cast<int32_t>(std::rint(std::sqrt(area / aspect)));
      if (cw < 1 || ch < 1 || cw > w || ch > h) continue;
      v.width = cw, v.height = ch;
      v.top = integer(i, draw + 2, h - ch);
      v.left = integer(i, draw + 3, w - cw);
      return;
    }
    v.top = v.left = 0, v.height = h, v.width = w;
  }

  ON_DEVICE void operator()(int64_t i) const {
    View v{0, 0, height, width, 0, 1.0f};
    if (augmentation.flip) v.flip = integer(i, 0, 1);
    if (augmentation.brightness > 0)
      v.brightness = static_cast<float>(uniform(i, 1, 1 - augmentation.brightness, 1 + augmentation.brightness));
    if (augmentation.crop == Crop::pad_crop) {
      v.top = integer(i, 2, 2 * augmentation.pad);
      v.left = integer(i, 3, 2 * augmentation.pad);
    } else if (augmentation.crop == Crop::resized_crop) {
      resized(i, height + 2 * augmentation.pad, width + 2 * augmentation.pad, v);
    }
    views[i] = v;
  }
};

template <class R>
struct Gather {
  const uint8_t* pixels;
  const int32_t* indices;
  const View* views;
  const R* scale_shift;
  R* out;
  int32_t channels, height, width, pad;
  bool resize;

  /// Pixel (y, x) of the padded image's channel; black outside the image.
  ON_DEVICE int32_t padded(const uint8_t* plane, int32_t y, int32_t x) const {
    y -= pad, x -= pad;
    return y < 0 || y >= height || x < 0 || x >= width ? 0 : plane[y * width + x];
  }

  /// Rows first, then columns, each rounded to 8 bits, as image libraries do.
  ON_DEVICE int32_t resized(const uint8_t* plane, const View& v, int32_t y, int32_t x) const {
    const Taps across(x, v.width, width), down(y, v.height, height);
    int32_t column = 0;
    for (int32_t j = 0; j < down.count; ++j) {
      int32_t row = 0;
      for (int32_t i = 0; i < across.count; ++i)
        row += across.weight(i) * padded(plane, v.top + down.first + j, v.left + across.first + i);
      column += down.weight(j) * Taps::rounded(row);
    }
    return Taps::rounded(column);
  }

  ON_DEVICE void operator()(int64_t i) const {
    const int32_t x = static_cast<int32_t>(i % width), y = static_cast<int32_t>(i / width % height),
                  c = static_cast<int32_t>(i / width / height % channels);
    const int64_t b = i / width / height / channels;
    const View& v = views[b];
    const uint8_t* plane = pixels + (static_cast<int64_t>(indices[b]) * channels + c) * height * width;
    const int32_t seen = v.flip ? width - 1 - x : x;
    double value = resize ? resized(plane, v, y, seen) : padded(plane, v.top + y, v.left + seen);
    if (v.brightness != 1.0f) value = value * v.brightness < 255 ? value * v.brightness : 255;
    out[i] = static_cast<R>(scale_shift[c] * value + scale_shift[channels + c]);
  }
};

constexpr std::pair<const char*, Crop> crop_names[] = {
    {"none", Crop::none}, {"crop", Crop::pad_crop}, {"resized-crop", Crop::resized_crop}};

}  // namespace

Augmentation augmentation_named(const std::string& name) {
  const Crop crop = choose_by_name("augmentation", name, crop_names);
  return {.crop = crop, .flip = crop != Crop::none};
}

const char* name_of(Crop crop) { return name_among(crop_names, crop); }

DeviceImages::DeviceImages(const ResidentImages& images, Device device, DType type)
    : channels_(images.info.channels), height_(images.info.height), width_(images.info.width) {
  pixels_ = Tensor::from(images.pixels, {images.size(), static_cast<int64_t>(images.info.image_bytes())}, device);
  std::vector<double> affine;
  for (float deviation : images.info.normalisation.std) affine.push_back(1 / (255.0 * deviation));
  for (size_t c = 0; c < static_cast<size_t>(channels_); ++c)
    affine.push_back(-images.info.normalisation.mean[c] / static_cast<double>(images.info.normalisation.std[c]));
  scale_shift_ = Tensor::from(affine, {2, channels_}, {device, type, Layout::plain});
}

Tensor DeviceImages::batch(std::span<const int> indices, const Augmentation& augmentation,
                           const BatchDraws& draws) const {
  const Device device = pixels_.device();
  const int64_t count = static_cast<int64_t>(indices.size());
  const Tensor chosen = Tensor::from(indices, {count}, device);
  const Tensor views = Tensor::empty({count * static_cast<int64_t>(sizeof(View))}, {device, DType::u8, Layout::plain});
  auto* view = static_cast<View*>(views.raw());
  const int pad = augmentation.crop == Crop::none ? 0 : augmentation.pad;
  for_each(device, count, DrawViews{view, draws, augmentation, height_, width_});
  Tensor out = Tensor::empty({count, channels_, height_, width_}, scale_shift_.like());
  with_real(out.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each(device, out.size(),
             Gather<R>{pixels_.data<uint8_t>(), chosen.data<int32_t>(), view, scale_shift_.data<R>(), out.data<R>(),
                       channels_, height_, width_, pad, augmentation.crop == Crop::resized_crop});
  });
  return out;
}

}  // namespace mneme
