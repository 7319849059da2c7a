#pragma once
// Vectors of Lanes floats, for code that is compiled once for each instruction set (see engine/cpu/winograd/lanes.h).

#include <cstdint>

namespace mneme {
namespace {

constexpr int64_t block = 16;  // channels that lie together in memory, see Note [Layout]

/// The compiler's own vector types. The operators + - * work on them, and a single float stands for a vector of that
/// float.
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

/// Loads and stores of vectors; addresses must be multiples of the vector's size.
template <int Lanes>
struct Vectors {
  using V = typename VectorOf<Lanes>::type;
  static V load(const float* from) { return *reinterpret_cast<const V*>(from); }
  static void store(float* to, V v) { *reinterpret_cast<V*>(to) = v; }
};

/// The independent chains of multiply-adds in only_multiply_adds(): more than latency times units, fewer than
/// registers.
constexpr int chains = 12;
/// Does `chains` independent multiply-adds of vectors in each round: this measures the highest speed of the CPU. The
/// result has no meaning.
template <int Lanes>
float only_multiply_adds(int64_t rounds) {
  using V = typename Vectors<Lanes>::V;
  V sums[chains];
  for (int i = 0; i < chains; ++i) sums[i] = V{} + static_cast<float>(i);  // the compiler would merge equal chains
  const V factor = V{} + 0.999f, term = V{} + 0.001f;
  for (int64_t r = 0; r < rounds; ++r) {
#pragma GCC unroll 12
    for (V& sum : sums) sum = sum * factor + term;
    asm volatile("" : "+r"(rounds));  // keeps the compiler from removing the loop
  }
  V total = {};
  for (const V& sum : sums) total += sum;
  return total[0];
}

}  // namespace
}  // namespace mneme
