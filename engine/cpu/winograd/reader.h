#pragma once
// How the kernels of Note [Winograd] read an image tensor: its numbers, or an affine map that is applied while reading.

#include "engine/cpu/vectors.h"
#include "engine/cpu/winograd/kernels.h"

namespace mneme::winograd {
namespace {

/// Reads stored numbers; the other readers compute deferred ones.
template <int Lanes>
struct Numbers {
  const float* x;
  void enter(int64_t) {}
  typename Vectors<Lanes>::V at(int64_t i) const { return Vectors<Lanes>::load(x + i); }
};

/// Computes relu?(a x + a2 x2 + c). `enter` sets the first channel of the vectors that follow.
template <int Lanes, bool Two, bool Relu>
struct Followed {
  using V = typename Vectors<Lanes>::V;
  static constexpr bool two = Two, with_relu = Relu;
  ImageSource source;
  int64_t channels;
  V a = {}, a2 = {}, c = {};

  void enter(int64_t channel) {
    const float* const from = source.coefficients + channel;
    a = Vectors<Lanes>::load(from);
    if (Two) a2 = Vectors<Lanes>::load(from + channels);
    c = Vectors<Lanes>::load(from + 2 * channels);
  }
  V at(int64_t i) const { return of(Vectors<Lanes>::load(source.x + i), i); }
  /// The same for an x that has been loaded already.
  V of(V x, int64_t i) const {
    V value = a * x + c;
    if (Two) value += a2 * Vectors<Lanes>::load(source.x2 + i);
    return Relu ? (value < 0 ? V{} : value) : value;  // NaN passes
  }
};

/// Calls body(reader) with the reader that fits the source.
template <int Lanes, class Body>
auto with_reader(const ImageSource& s, int64_t channels, const Body& body) {
  if (!s.coefficients) return body(Numbers<Lanes>{s.x});
  if (s.x2) return body(Followed<Lanes, true, false>{s, channels});
  return s.relu ? body(Followed<Lanes, false, true>{s, channels}) : body(Followed<Lanes, false, false>{s, channels});
}

}  // namespace
}  // namespace mneme::winograd
