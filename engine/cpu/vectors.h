#pragma once
// Vectors of Lanes floats, for code that is compiled once per instruction set (see winograd_lanes.h).

#include <cstdint>

namespace mneme {
namespace {

constexpr int64_t block = 16;  // channels that lie together, see Note [Layout]

/// The compiler's own vectors: + - * work on them, and a plain float counts as that float in every lane.
template <int Lanes>
struct VectorOf;
template <>
struct VectorOf<16> {
  typedef float type __attribute__((vector_size(64), may_alias));
};
template <>
struct VectorOf<8> {
  typedef float type __attribute__((vector_size(32), may_alias));
};
template <>
struct VectorOf<4> {
  typedef float type __attribute__((vector_size(16), may_alias));
};

/// Reading and writing them; addresses are multiples of their size.
template <int Lanes>
struct Vectors {
  using V = typename VectorOf<Lanes>::type;
  static V load(const float* from) { return *reinterpret_cast<const V*>(from); }
  static void store(float* to, V v) { *reinterpret_cast<V*>(to) = v; }
};

}  // namespace
}  // namespace mneme
