#pragma once
// Note [Packs]
// A GPU reads and writes memory fastest in pieces of 16 bytes for each thread: eight bf16 or four f32. A functor of
// engine/launch.h whose neighbours in memory are computed alike may offer to compute so many of them at once:
//
//   static constexpr int pack = ...          how many: pack_of<S> for the narrowest type S that it moves
//   bool packs() const                       whether its pointers allow it: all_aligned(...)
//   void several(index[, channel]) const     computes `pack` elements from index on, of as many channels from channel
//   on
//
// The launchers of the CUDA device then call several() where they can, and operator() for what is left over. The other
// devices call operator() always, because a compiler makes vectors of their loops by itself.

#include <cstdint>

#include "engine/base/on_device.h"

namespace mneme {

/// The size and the alignment of a piece of memory that one instruction moves.
constexpr int pack_bytes = 16;
/// The number of values of type S in such a piece.
template <class S>
constexpr int pack_of = pack_bytes / static_cast<int>(sizeof(S));

/// True if all addresses are aligned for packs. Null is, too.
template <class... T>
bool all_aligned(const T*... at) {
  return ((reinterpret_cast<uintptr_t>(at) % pack_bytes == 0) && ...);
}

namespace detail {

template <class T>
struct alignas(pack_bytes) Pack {
  T at[pack_of<T>];
};

}  // namespace detail

/// Reads N neighbours from aligned memory, 16 bytes at a time. N must fill whole pieces.
template <class T, int N>
ON_DEVICE void read_pack(const T* from, T (&to)[N]) {
  static_assert(N % pack_of<T> == 0);
  for (int k = 0; k < N; k += pack_of<T>) {
    const auto piece = *reinterpret_cast<const detail::Pack<T>*>(from + k);
    for (int j = 0; j < pack_of<T>; ++j) to[k + j] = piece.at[j];
  }
}

/// Writes N neighbours to aligned memory, 16 bytes at a time. N must fill whole pieces.
template <class T, int N>
ON_DEVICE void write_pack(const T (&from)[N], T* to) {
  static_assert(N % pack_of<T> == 0);
  for (int k = 0; k < N; k += pack_of<T>) {
    detail::Pack<T> piece;
    for (int j = 0; j < pack_of<T>; ++j) piece.at[j] = from[k + j];
    *reinterpret_cast<detail::Pack<T>*>(to + k) = piece;
  }
}

}  // namespace mneme
