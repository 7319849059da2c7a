// The shortcut without parameters of residual networks: He et al., "Deep Residual Learning", CVPR 2016, section 3.3,
// option A.

#include "engine/device.h"
#include "engine/launch.h"
#include "engine/ops.h"

namespace mneme {
namespace {

/// y[n,c,p,q] = x[n, c, p stride, q stride] for c < C, and 0 for the channels appended. Runs over the elements of y.
/// With `Back` it copies dy to dx instead.
template <class S, bool Back>
struct Subsample {
  S *x, *y;
  ImageView in, out;
  int64_t width, out_width, stride;
  double bytes_each() const { return 2 * sizeof(S); }
  ON_DEVICE void operator()(int64_t i) const {
    const int64_t pixel = i % out.pixels, c = i / out.pixels % out.channels(), n = i / out.pixels / out.channels();
    S& small = y[image_index(out, n, c, pixel)];
    if (c >= in.channels()) {
      if (!Back) small = S(0);
      return;
    }
    S& large = x[image_index(in, n, c, pixel / out_width * stride * width + pixel % out_width * stride)];
    if (Back)
      large = small;
    else
      small = large;
  }
};

template <bool Back>
void subsample(const Tensor& x, const Tensor& y, int64_t stride) {
  with_stored(x.dtype(), [&](auto kind) {
    using S = decltype(kind);
    for_each(x.device(), y.size(),
             Subsample<S, Back>{x.data<S>(), y.data<S>(), image_view(x), image_view(y), x.dim(3), y.dim(3), stride});
  });
}

}  // namespace

Tensor subsample_pad_channels(const Tensor& x, int64_t stride, int64_t channels) {
  MNEME_CHECK(x.rank() == 4 && stride > 0 && channels >= x.dim(1),
              "subsample_pad_channels: {} cannot become {} channels with stride {}", x.shape().text(), channels,
              stride);
  const TensorOptions tensor_options{x.device(), x.dtype(), backend(x.device()).feature_layout(channels)};
  Tensor y = Tensor::empty({x.dim(0), channels, (x.dim(2) + stride - 1) / stride, (x.dim(3) + stride - 1) / stride},
                           tensor_options);
  subsample<false>(x, y, stride);
  return record(
      "subsample_pad_channels", y, {x},
      [shape = x.shape(), options_x = x.options(), tensor_options, stride](const Tensor& dy, NeedsInputGrad&) -> Grads {
        Tensor dx = Tensor::zeros(shape, options_x);
        subsample<true>(dx, dy.to(tensor_options.layout), stride);
        return {dx};
      });
}

}  // namespace mneme
