// Sums of squares along the rows and the columns of feature maps ("strips").

#include "engine/launch.h"
#include "engine/ops.h"

namespace mneme {
namespace {

/// The positions of the H + W strips of each channel in the result: all rows come first, then all columns.
struct Strips {
  ImageView view;
  int64_t h, w;
  int64_t per_image() const { return view.channels() * (h + w); }
  ON_DEVICE int64_t row(int64_t n, int64_t c, int64_t y) const { return n * view.channels() * (h + w) + c * h + y; }
  ON_DEVICE int64_t column(int64_t n, int64_t c, int64_t x) const {
    return n * view.channels() * (h + w) + view.channels() * h + c * w + x;
  }
};

/// e[n, row y of channel c] = sum_x a[n,c,y,x]^2,   e[n, column x of channel c] = sum_y a[n,c,y,x]^2
template <class R>
struct Energies {
  Strips s;
  const R* a;
  R* e;
  double bytes_each() const { return 2 * sizeof(R); }
  ON_DEVICE void operator()(int64_t i) const {
    const int64_t c = i / (s.h + s.w) % s.view.channels(), n = i / (s.h + s.w) / s.view.channels();
    const int64_t strip = i % (s.h + s.w);
    const bool is_row = strip < s.h;
    const int64_t first = is_row ? strip * s.w : strip - s.h, step = is_row ? 1 : s.w, count = is_row ? s.w : s.h;
    double total = 0;
    for (int64_t k = 0; k < count; ++k) {
      const auto value = static_cast<double>(a[image_index(s.view, n, c, first + k * step)]);
      total += value * value;
    }
    e[is_row ? s.row(n, c, strip) : s.column(n, c, strip - s.h)] = static_cast<R>(total);
  }
};

/// da[n,c,y,x] = 2 a[n,c,y,x] (de[n, row y of c] + de[n, column x of c])
template <class R>
struct EnergiesBackward {
  Strips s;
  const R *a, *de;
  R* da;
  double bytes_each() const { return 2 * sizeof(R); }
  ON_DEVICE void operator()(int64_t i) const {
    const int64_t p = i % s.view.pixels, c = i / s.view.pixels % s.view.channels(),
                  n = i / s.view.pixels / s.view.channels();
    const int64_t at = image_index(s.view, n, c, p);
    da[at] = 2 * a[at] * (de[s.row(n, c, p / s.w)] + de[s.column(n, c, p % s.w)]);
  }
};

}  // namespace

Tensor strip_energies(const Tensor& a) {
  MNEME_CHECK(a.rank() == 4, "strip_energies: expected (N, C, H, W), got {}", a.shape().text());
  const Strips strips{image_view(a), a.dim(2), a.dim(3)};
  TensorOptions plain = a.options();
  plain.layout = Layout::plain;
  Tensor e = Tensor::empty({a.dim(0), strips.per_image()}, plain);
  with_real(a.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each(a.device(), e.size(), Energies<R>{strips, a.data<R>(), e.data<R>()});
  });
  return record("strip_energies", e, {a}, [strips, a = a.detach()](const Tensor& de, NeedsInputGrad&) -> Grads {
    Tensor da = Tensor::empty(a.shape(), a.options());
    with_real(a.dtype(), [&](auto kind) {
      using R = decltype(kind);
      for_each(a.device(), a.size(), EnergiesBackward<R>{strips, a.data<R>(), de.data<R>(), da.data<R>()});
    });
    return {da};
  });
}

}  // namespace mneme
