// Convolutions by loops. All operands are first converted to channels-last copies in the host's memory, so that the
// innermost loop runs over channels and can be vectorised.

#include "tests/cuda_stand_in/convolve.h"

#include <bit>
#include <vector>

#include "engine/base/parallel.h"
#include "engine/bf16.h"

namespace stand_in {
namespace {

using mneme::Bf16;
using mneme::ConvShape;
using mneme::Layout;
using mneme::cuda::ConvKey;
using mneme::cuda::ConvPass;
using Numbers = std::vector<float>;

/// The four sizes of a tensor, and the distance in memory between neighbours along each dimension.
struct Strides {
  int64_t n, c, h, w;
};
Strides strides_of(Layout layout, int64_t c, int64_t h, int64_t w) {
  return layout == Layout::plain ? Strides{c * h * w, h * w, w, 1} : Strides{c * h * w, 1, w * c, c};
}

/// Calls `each` with every element's index in the tensor and its index in the channels-last copy.
template <class Each>
void each_element(Layout layout, int64_t n, int64_t c, int64_t h, int64_t w, const Each& each) {
  const Strides s = strides_of(layout, c, h, w);
  int64_t at = 0;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t y = 0; y < h; ++y)
      for (int64_t x = 0; x < w; ++x)
        for (int64_t j = 0; j < c; ++j) each(i * s.n + j * s.c + y * s.h + x * s.w, at++);
}

/// Rounds to ten bits of fraction, to nearest, as tf32 does.
float as_tf32(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  return std::bit_cast<float>((bits + 0xFFFu + (bits >> 13 & 1)) & ~0x1FFFu);
}

template <class S>
class Convolution {
 public:
  Convolution(const ConvKey& key, uint64_t turn) : key_(key), s_(key.shape), turn_(turn) {}

  void run(S* x, S* w, S* y) const {
    switch (key_.pass) {
      case ConvPass::forward:
        return write(forward(read_x(x), by_tap(read_w(w), true)), y, s_.n, s_.k, s_.out_h(), s_.out_w());
      case ConvPass::data: return write(data(by_tap(read_w(w), false), read_y(y)), x, s_.n, s_.c, s_.h, s_.w);
      case ConvPass::weights: return write(weights(read_x(x), read_y(y)), w, s_.k, s_.c, s_.r, s_.s);
    }
  }

 private:
  Numbers read(const S* from, int64_t n, int64_t c, int64_t h, int64_t w) const {
    Numbers to(static_cast<size_t>(n * c * h * w));
    const bool rounds = key_.precision == mneme::Precision::tf32;
    each_element(key_.layout, n, c, h, w, [&](int64_t at, int64_t copy) {
      const auto value = static_cast<float>(from[at]);
      to[static_cast<size_t>(copy)] = rounds ? as_tf32(value) : value;
    });
    return to;
  }
  Numbers read_x(const S* x) const { return read(x, s_.n, s_.c, s_.h, s_.w); }
  Numbers read_w(const S* w) const { return read(w, s_.k, s_.c, s_.r, s_.s); }
  Numbers read_y(const S* y) const { return read(y, s_.n, s_.k, s_.out_h(), s_.out_w()); }

  void write(const Numbers& from, S* to, int64_t n, int64_t c, int64_t h, int64_t w) const {
    each_element(key_.layout, n, c, h, w,
                 [&](int64_t at, int64_t copy) { to[at] = S(from[static_cast<size_t>(copy)]); });
  }

  /// The weights (K, R, S, C) reordered to (R, S, C, K), or to (R, S, K, C) with the outputs before the inputs.
  Numbers by_tap(const Numbers& w, bool inputs_first) const {
    Numbers out(w.size());
    for (int64_t k = 0; k < s_.k; ++k)
      for (int64_t tap = 0; tap < s_.r * s_.s; ++tap)
        for (int64_t c = 0; c < s_.c; ++c) {
          const int64_t inside = inputs_first ? c * s_.k + k : k * s_.c + c;
          out[static_cast<size_t>(tap * s_.c * s_.k + inside)] =
              w[static_cast<size_t>((k * s_.r * s_.s + tap) * s_.c + c)];
        }
    return out;
  }

  /// The taps of the filter, in the order in which this run adds them.
  template <class Each>
  void each_tap(const Each& each) const {
    const auto taps = static_cast<uint64_t>(s_.r * s_.s);
    for (uint64_t i = 0; i < taps; ++i) {
      const auto tap = static_cast<int64_t>((i + turn_ % taps) % taps);
      each(tap / s_.s, tap % s_.s);
    }
  }

  /// to[j] += factor * from[j]
  static void add(float* to, const float* from, float factor, int64_t count) {
    for (int64_t j = 0; j < count; ++j) to[j] += factor * from[j];
  }

  /// to[j] += sum over i of factors[i] * rows[i][j], for the columns j from `begin` on, as long as B of them are left.
  /// Returns the first column that is left over. B sums stay in registers.
  template <int B>
  static int64_t add_columns(float* to, const float* factors, const float* rows, int64_t count, int64_t width,
                             int64_t begin) {
    for (; begin + B <= width; begin += B) {
      float sums[B];
      for (int j = 0; j < B; ++j) sums[j] = to[begin + j];
      for (int64_t i = 0; i < count; ++i)
        for (int j = 0; j < B; ++j) sums[j] += factors[i] * rows[i * width + begin + j];
      for (int j = 0; j < B; ++j) to[begin + j] = sums[j];
    }
    return begin;
  }

  /// to += factors * rows, where `factors` has `count` numbers and `rows` is a matrix (count, width).
  static void add_products(float* to, const float* factors, const float* rows, int64_t count, int64_t width) {
    const int64_t many = add_columns<32>(to, factors, rows, count, width, 0);
    add_columns<1>(to, factors, rows, count, width, add_columns<8>(to, factors, rows, count, width, many));
  }

  Numbers forward(const Numbers& x, const Numbers& w) const {
    const int64_t rows = s_.out_h(), columns = s_.out_w();
    Numbers y(static_cast<size_t>(s_.n * rows * columns * s_.k));
    mneme::parallel_chunks(s_.n * rows, 1, [&](int64_t row, int64_t) {
      const int64_t n = row / rows, p = row % rows;
      for (int64_t q = 0; q < columns; ++q)
        each_tap([&](int64_t r, int64_t t) {
          const int64_t h = p * s_.stride + r - s_.pad, v = q * s_.stride + t - s_.pad;
          if (h < 0 || h >= s_.h || v < 0 || v >= s_.w) return;
          const float* const from = &x[static_cast<size_t>(((n * s_.h + h) * s_.w + v) * s_.c)];
          add_products(&y[static_cast<size_t>((row * columns + q) * s_.k)], from,
                       &w[static_cast<size_t>((r * s_.s + t) * s_.c * s_.k)], s_.c, s_.k);
        });
    });
    return y;
  }

  Numbers data(const Numbers& w, const Numbers& dy) const {
    Numbers dx(static_cast<size_t>(s_.n * s_.h * s_.w * s_.c));
    mneme::parallel_chunks(s_.n, 1, [&](int64_t n, int64_t) {
      for (int64_t p = 0; p < s_.out_h(); ++p)
        for (int64_t q = 0; q < s_.out_w(); ++q)
          each_tap([&](int64_t r, int64_t t) {
            const int64_t h = p * s_.stride + r - s_.pad, v = q * s_.stride + t - s_.pad;
            if (h < 0 || h >= s_.h || v < 0 || v >= s_.w) return;
            const float* const from = &dy[static_cast<size_t>(((n * s_.out_h() + p) * s_.out_w() + q) * s_.k)];
            add_products(&dx[static_cast<size_t>(((n * s_.h + h) * s_.w + v) * s_.c)], from,
                         &w[static_cast<size_t>((r * s_.s + t) * s_.k * s_.c)], s_.k, s_.c);
          });
    });
    return dx;
  }

  Numbers weights(const Numbers& x, const Numbers& dy) const {
    Numbers dw(static_cast<size_t>(s_.k * s_.r * s_.s * s_.c));
    mneme::parallel_chunks(s_.r * s_.s, 1, [&](int64_t tap, int64_t) {
      const int64_t r = tap / s_.s, t = tap % s_.s;
      for (int64_t i = 0; i < s_.n; ++i) {
        const auto n = static_cast<int64_t>((static_cast<uint64_t>(i) + turn_ % static_cast<uint64_t>(s_.n)) %
                                            static_cast<uint64_t>(s_.n));
        for (int64_t p = 0; p < s_.out_h(); ++p)
          for (int64_t q = 0; q < s_.out_w(); ++q) {
            const int64_t h = p * s_.stride + r - s_.pad, v = q * s_.stride + t - s_.pad;
            if (h < 0 || h >= s_.h || v < 0 || v >= s_.w) continue;
            const float* const from = &dy[static_cast<size_t>(((n * s_.out_h() + p) * s_.out_w() + q) * s_.k)];
            for (int64_t k = 0; k < s_.k; ++k)
              add(&dw[static_cast<size_t>(((k * s_.r + r) * s_.s + t) * s_.c)],
                  &x[static_cast<size_t>(((n * s_.h + h) * s_.w + v) * s_.c)], from[k], s_.c);
          }
      }
    });
    return dw;
  }

  const ConvKey& key_;
  const ConvShape& s_;
  uint64_t turn_;
};

template <class S>
void run(const ConvKey& key, void* x, void* w, void* y, uint64_t turn) {
  Convolution<S>(key, turn).run(static_cast<S*>(x), static_cast<S*>(w), static_cast<S*>(y));
}

}  // namespace

void convolve(const ConvKey& key, void* x, void* w, void* y, uint64_t turn) {
  key.type() == mneme::DType::bf16 ? run<Bf16>(key, x, w, y, turn) : run<float>(key, x, w, y, turn);
}

}  // namespace stand_in
