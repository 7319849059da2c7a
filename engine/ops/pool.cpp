// Pooling.

#include <cmath>

#include "engine/launch.h"
#include "engine/ops.h"

namespace mneme {
namespace {

/// f[n,c] = sum_p x[n,c,p] / P            dx[n,c,p] = df[n,c] / P
template <class R>
struct GlobalAverage {
  const R* x;
  R* f;
  ImageView view;
  ON_DEVICE void operator()(int64_t i) const {
    double total = 0;
    for (int64_t p = 0; p < view.pixels; ++p)
      total += static_cast<double>(x[image_index(view, i / view.channels(), i % view.channels(), p)]);
    f[i] = static_cast<R>(total / static_cast<double>(view.pixels));
  }
};

template <class R>
struct SpreadAverage {
  const R* df;
  R* dx;
  ImageView view;
  ON_DEVICE void operator()(int64_t i) const {
    const int64_t p = i % view.pixels, c = i / view.pixels % view.channels(), n = i / view.pixels / view.channels();
    dx[image_index(view, n, c, p)] = df[n * view.channels() + c] / R(view.pixels);
  }
};

struct Window {
  ImageView in, out;
  int64_t h, w, out_h, out_w, size, stride, pad;
};

/// Where the maximum of window (p, q) of plane (n, c) stands, as a pixel number; the first one wins a tie.
template <class R>
ON_DEVICE int64_t argmax(const Window& s, const R* x, int64_t n, int64_t c, int64_t p, int64_t q) {
  int64_t best = -1;
  for (int64_t y = p * s.stride - s.pad; y < p * s.stride - s.pad + s.size; ++y)
    for (int64_t z = q * s.stride - s.pad; z < q * s.stride - s.pad + s.size; ++z) {
      if (y < 0 || y >= s.h || z < 0 || z >= s.w) continue;
      const int64_t pixel = y * s.w + z;
      const R value = x[image_index(s.in, n, c, pixel)];
      if (best < 0 || value > x[image_index(s.in, n, c, best)] || std::isnan(value)) best = pixel;
    }
  return best;
}

template <class R>
struct MaxPool {
  Window s;
  const R* x;
  R* y;
  ON_DEVICE void operator()(int64_t i) const {
    const int64_t p = i % s.out.pixels, c = i / s.out.pixels % s.out.channels(),
                  n = i / s.out.pixels / s.out.channels();
    y[image_index(s.out, n, c, p)] = x[image_index(s.in, n, c, argmax(s, x, n, c, p / s.out_w, p % s.out_w))];
  }
};

/// One worker per plane, so that windows that overlap add up in a fixed order.
template <class R>
struct MaxPoolBackward {
  Window s;
  const R *x, *dy;
  R* dx;
  ON_DEVICE void operator()(int64_t plane) const {
    const int64_t n = plane / s.in.channels(), c = plane % s.in.channels();
    for (int64_t p = 0; p < s.out.pixels; ++p)
      dx[image_index(s.in, n, c, argmax(s, x, n, c, p / s.out_w, p % s.out_w))] += dy[image_index(s.out, n, c, p)];
  }
};

}  // namespace

Tensor global_average_pool(const Tensor& x) {
  MNEME_CHECK(x.rank() == 4, "global_average_pool: expected (N, C, H, W), got {}", x.shape().text());
  const ImageView view = image_view(x);
  Tensor f = Tensor::empty({view.images, view.channels()}, x.like());
  with_real(x.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each(x.device(), f.size(), GlobalAverage<R>{x.data<R>(), f.data<R>(), view});
  });
  return record("global_average_pool", f, {x},
                [shape = x.shape(), like = x.like(), view](const Tensor& df, Wanted&) -> Grads {
                  Tensor dx = Tensor::empty(shape, like);
                  with_real(like.dtype, [&](auto kind) {
                    using R = decltype(kind);
                    for_each(like.device, dx.size(), SpreadAverage<R>{df.data<R>(), dx.data<R>(), view});
                  });
                  return {dx};
                });
}

Tensor max_pool(const Tensor& x, PoolOptions o) {
  MNEME_CHECK(x.rank() == 4 && o.stride > 0 && o.pad >= 0 && o.pad < o.window && x.dim(2) + 2 * o.pad >= o.window &&
                  x.dim(3) + 2 * o.pad >= o.window,
              "max_pool: a window of {} with stride {} and pad {} does not fit {}", o.window, o.stride, o.pad,
              x.shape().text());
  const int64_t h = (x.dim(2) + 2 * o.pad - o.window) / o.stride + 1,
                w = (x.dim(3) + 2 * o.pad - o.window) / o.stride + 1;
  Tensor y = Tensor::empty({x.dim(0), x.dim(1), h, w}, x.like());
  const Window window{image_view(x), image_view(y), x.dim(2), x.dim(3), h, w, o.window, o.stride, o.pad};
  with_real(x.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each(x.device(), y.size(), MaxPool<R>{window, x.data<R>(), y.data<R>()});
  });
  return record("max_pool", y, {x}, [window, x = x.detach()](const Tensor& dy_any, Wanted&) -> Grads {
    const Tensor dy = dy_any.to(x.layout());
    Tensor dx = Tensor::zeros(x.shape(), x.like());
    with_real(x.dtype(), [&](auto kind) {
      using R = decltype(kind);
      for_each(x.device(), x.dim(0) * x.dim(1), MaxPoolBackward<R>{window, x.data<R>(), dy.data<R>(), dx.data<R>()});
    });
    return {dx};
  });
}

}  // namespace mneme
