#pragma once
// The random draws for a training image. The device, which crops resident images, and the threads that decode
// streamed images draw the same numbers.

#include <cmath>
#include <cstdint>

#include "data/batches/image_source.h"
#include "data/images/resize.h"
#include "engine/base/on_device.h"

namespace mneme {

/// The draws of one sample of a batch, numbered: 0 flip, 1 brightness, 2-3 offset, 4.. attempts of the resized crop.
struct SampleDraws {
  BatchDraws batch;  ///< the draws of the whole batch
  uint32_t sample;   ///< the index of the sample within the batch

  /// 1 if the image is mirrored, else 0.
  ON_DEVICE int32_t flips() const { return integer(0, 1); }
  /// The factor by which pixels are multiplied, drawn from U(1 - b, 1 + b).
  ON_DEVICE double brightness(double b) const { return uniform(1, 1 - b, 1 + b); }
  /// A box of this size in pixels, whose upper left corner lies anywhere in [0, down] x [0, across].
  ON_DEVICE Box shifted_box(int32_t height, int32_t width, int32_t down, int32_t across) const {
    return {integer(2, down), integer(3, across), height, width};
  }
  /// The random resized crop of an H x W image, as torchvision's RandomResizedCrop.get_params chooses it: up to ten
  /// attempts at area U(0.08, 1) H W and log-aspect U(ln 3/4, ln 4/3), each accepted if it fits; then the largest box
  /// in the middle with an aspect between 3/4 and 4/3.
  ON_DEVICE Box resized_box(int32_t h, int32_t w) const {
    const double narrow = 3.0 / 4, wide = 4.0 / 3;
    for (uint32_t attempt = 0; attempt < 10; ++attempt) {
      const uint32_t draw = 4 + 4 * attempt;
      const double area = uniform(draw, 0.08, 1.0) * h * w;
      const double aspect = std::exp(uniform(draw + 1, std::log(narrow), std::log(wide)));
      const int32_t cw = static_cast<int32_t>(std::rint(std::sqrt(area * aspect))),
                    ch = static_cast<int32_t>(std::rint(std::sqrt(area / aspect)));
      if (cw < 1 || ch < 1 || cw > w || ch > h) continue;
      return {integer(draw + 2, h - ch), integer(draw + 3, w - cw), ch, cw};
    }
    const double aspect = static_cast<double>(w) / h;
    const int32_t ch = aspect < narrow ? static_cast<int32_t>(std::rint(w / narrow)) : h,
                  cw = aspect > wide ? static_cast<int32_t>(std::rint(h * wide)) : w;
    return {(h - ch) / 2, (w - cw) / 2, ch, cw};
  }

 private:
  ON_DEVICE RandomCounter counter(uint32_t draw) const {
    return {batch.task, batch.epoch, batch.first_sample + sample, draw};
  }
  ON_DEVICE double uniform(uint32_t draw, double low, double high) const {
    return low + (high - low) * uniform01_double(batch.key, counter(draw));
  }
  ON_DEVICE int32_t integer(uint32_t draw, int32_t most) const {
    return static_cast<int32_t>(uniform_int(batch.key, counter(draw), static_cast<uint32_t>(most) + 1));
  }
};

}  // namespace mneme
