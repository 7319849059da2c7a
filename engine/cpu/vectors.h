#pragma once
// Vectors of Lanes floats, for code that is compiled once per instruction set (see engine/cpu/winograd/lanes.h).

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

/// Nothing but `chains` independent multiply-adds of a vector, over and over: for measuring what this CPU can do at
/// most. What it returns means nothing.
constexpr int chains = 12;  // more than latency times units, fewer than registers
template <int Lanes>
float only_multiply_adds(int64_t rounds) {
  using V = typename Vectors<Lanes>::V;
  V sums[chains];
  for (int i = 0; i < chains; ++i) sums[i] = V{} + static_cast<float>(i);  // equal chains would become one
  const V factor = V{} + 0.999f, term = V{} + 0.001f;
  for (int64_t r = 0; r < rounds; ++r) {
#pragma GCC unroll 12
    for (V& sum : sums) sum = sum * factor + term;
    asm volatile("" : "+r"(rounds));  // the loop stays a loop
  }
  V total = {};
  for (const V& sum : sums) total += sum;
  return total[0];
}

}  // namespace
}  // namespace mneme
