// Pooling: global average and maximum.

#include <limits>

#include "engine/launch_lanes.h"
#include "engine/ops.h"

namespace mneme {
namespace {

/// f[n,c] = sum_p x[n,c,p] / P            dx[n,c,p] = df[n,c] / P
template <class S>
struct GlobalAverage {
  using R = Arithmetic<S>;
  const S* x;
  R* f;
  ImageView view;
  double bytes_each() const { return view.pixels * sizeof(S) + sizeof(R); }
  ON_DEVICE void operator()(int64_t i) const {
    double total = 0;
    for (int64_t p = 0; p < view.pixels; ++p)
      total += static_cast<double>(x[image_index(view, i / view.channels(), i % view.channels(), p)]);
    f[i] = static_cast<R>(total / static_cast<double>(view.pixels));
  }
};

template <class S>
struct SpreadAverage {
  using R = Arithmetic<S>;
  const R* df;
  S* dx;
  ImageView view;
  double bytes_each() const { return sizeof(S); }
  template <int64_t Lanes>
  ON_DEVICE void lanes(int64_t plane, int64_t pixel, int64_t lane) const {
    const R* const from = df + plane * view.lanes + lane;  // a plane's channels lie together in f
    S* const to = dx + (plane * view.pixels + pixel) * view.lanes + lane;
    AS_VECTORS
    for (int64_t l = 0; l < Lanes; ++l) to[l] = from[l] / R(view.pixels);
  }
};

struct Window {
  ImageView in, out;
  int64_t h, w, out_h, out_w, size, stride, pad;
};

/// y[p, q] is the maximum over those pixels of the window that lie inside the image. `winner` keeps which of the size^2
/// pixels of the window it was: the first of equal pixels, and NaN before all numbers.
template <class S>
struct MaxPool {
  using R = Arithmetic<S>;
  Window s;
  const S* x;
  S* y;
  uint8_t* winner;

  double bytes_each() const { return sizeof(S) + 1 + static_cast<double>(s.in.pixels * sizeof(S)) / s.out.pixels; }
  template <int64_t Lanes>
  ON_DEVICE void lanes(int64_t plane, int64_t pixel, int64_t lane) const {
    const int64_t top = pixel / s.out_w * s.stride - s.pad, left = pixel % s.out_w * s.stride - s.pad;
    const S* const from = x + plane * s.in.pixels * s.in.lanes + lane;
    const int64_t first_i = top < 0 ? -top : 0, last_i = s.h - top < s.size ? s.h - top : s.size;
    const int64_t first_j = left < 0 ? -left : 0, last_j = s.w - left < s.size ? s.w - left : s.size;
    R most[Lanes];
    int32_t which[Lanes];
    for (int64_t l = 0; l < Lanes; ++l) {
      most[l] = -std::numeric_limits<R>::infinity();
      which[l] = static_cast<int32_t>(first_i * s.size + first_j);
    }
    for (int64_t i = first_i; i < last_i; ++i)
      for (int64_t j = first_j; j < last_j; ++j) {
        const S* const stored = from + ((top + i) * s.w + left + j) * s.in.lanes;
        const auto code = static_cast<int32_t>(i * s.size + j);
        AS_VECTORS
        for (int64_t l = 0; l < Lanes; ++l) {
          const R value = stored[l];
          const bool larger = (value > most[l]) | (value != value);
          most[l] = larger ? value : most[l];
          which[l] = larger ? code : which[l];
        }
      }
    const int64_t at = (plane * s.out.pixels + pixel) * s.out.lanes + lane;
    AS_VECTORS
    for (int64_t l = 0; l < Lanes; ++l) {
      y[at + l] = most[l];
      winner[at + l] = static_cast<uint8_t>(which[l]);
    }
  }
};

/// The gradient of a pixel is the sum of dy over the windows whose maximum it was, in the order of the windows.
template <class S>
struct MaxPoolBackward {
  using R = Arithmetic<S>;
  Window s;
  const uint8_t* winner;
  const S* dy;
  S* dx;

  /// The first window, along one side, that covers the pixel `at`.
  ON_DEVICE int64_t first_window(int64_t at) const {
    const int64_t behind = at + s.pad - s.size;
    return behind < 0 ? 0 : behind / s.stride + 1;
  }

  double bytes_each() const { return sizeof(S) + static_cast<double>(s.out.pixels * (sizeof(S) + 1)) / s.in.pixels; }
  template <int64_t Lanes>
  ON_DEVICE void lanes(int64_t plane, int64_t pixel, int64_t lane) const {
    const int64_t row = pixel / s.w, column = pixel % s.w;
    R sum[Lanes] = {};
    for (int64_t p = first_window(row); p < s.out_h && p * s.stride <= row + s.pad; ++p)
      for (int64_t q = first_window(column); q < s.out_w && q * s.stride <= column + s.pad; ++q) {
        const int64_t at = ((plane * s.out_h + p) * s.out_w + q) * s.out.lanes + lane;
        const auto code = static_cast<int32_t>((row + s.pad - p * s.stride) * s.size + column + s.pad - q * s.stride);
        const uint8_t* const won = winner + at;
        const S* const from = dy + at;
        AS_VECTORS
        for (int64_t l = 0; l < Lanes; ++l) {
          const int32_t which = won[l];
          sum[l] += which == code ? R(from[l]) : R(0);
        }
      }
    S* const to = dx + (plane * s.in.pixels + pixel) * s.in.lanes + lane;
    for (int64_t l = 0; l < Lanes; ++l) to[l] = sum[l];
  }
};

constexpr int64_t largest_window = 16;  // the number of a pixel within its window must fit into one byte

}  // namespace

Tensor global_average_pool(const Tensor& x) {
  MNEME_CHECK(x.rank() == 4, "global_average_pool: expected (N, C, H, W), got {}", x.shape().text());
  const ImageView view = image_view(x);
  Tensor f = Tensor::empty({view.images, view.channels()}, {x.device(), arithmetic_of(x.dtype()), Layout::plain});
  with_stored(x.dtype(), [&](auto kind) {
    using S = decltype(kind);
    for_each(x.device(), f.size(), GlobalAverage<S>{x.data<S>(), f.data<Arithmetic<S>>(), view});
  });
  return record(
      "global_average_pool", f, {x},
      [shape = x.shape(), tensor_options = x.options(), view](const Tensor& df, NeedsInputGrad&) -> Grads {
        Tensor dx = Tensor::empty(shape, tensor_options);
        with_stored(tensor_options.dtype, [&](auto kind) {
          using S = decltype(kind);
          for_each_lanes(tensor_options.device, view, SpreadAverage<S>{df.data<Arithmetic<S>>(), dx.data<S>(), view});
        });
        return {dx};
      });
}

Tensor max_pool(const Tensor& x, PoolOptions o) {
  MNEME_CHECK(x.rank() == 4 && o.stride > 0 && o.pad >= 0 && o.pad < o.window && x.dim(2) + 2 * o.pad >= o.window &&
                  x.dim(3) + 2 * o.pad >= o.window,
              "max_pool: a window of {} with stride {} and pad {} does not fit {}", o.window, o.stride, o.pad,
              x.shape().text());
  MNEME_CHECK(o.window <= largest_window, "max_pool: windows are at most {} pixels wide, got {}", largest_window,
              o.window);
  const int64_t h = (x.dim(2) + 2 * o.pad - o.window) / o.stride + 1,
                w = (x.dim(3) + 2 * o.pad - o.window) / o.stride + 1;
  Tensor y = Tensor::empty({x.dim(0), x.dim(1), h, w}, x.options());
  const Tensor winner = Tensor::empty(y.shape(), {x.device(), DType::u8, x.layout()});
  const Window window{image_view(x), image_view(y), x.dim(2), x.dim(3), h, w, o.window, o.stride, o.pad};
  with_stored(x.dtype(), [&](auto kind) {
    using S = decltype(kind);
    for_each_lanes(x.device(), window.out, MaxPool<S>{window, x.data<S>(), y.data<S>(), winner.data<uint8_t>()});
  });
  return record("max_pool", y, {x},
                [window, winner, shape = x.shape(), tensor_options = x.options()](const Tensor& dy_any,
                                                                                  NeedsInputGrad&) -> Grads {
                  const Tensor dy = dy_any.to(tensor_options.layout);
                  Tensor dx = Tensor::empty(shape, tensor_options);
                  with_stored(tensor_options.dtype, [&](auto kind) {
                    using S = decltype(kind);
                    for_each_lanes(tensor_options.device, window.in,
                                   MaxPoolBackward<S>{window, winner.data<uint8_t>(), dy.data<S>(), dx.data<S>()});
                  });
                  return {dx};
                });
}

}  // namespace mneme
