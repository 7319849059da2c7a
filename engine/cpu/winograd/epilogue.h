#pragma once
// What happens to the outputs of Note [Winograd] on their way to memory; see Epilogue. A tail gets the output vectors
// of every tile in these calls: enter(channel, whether this is the first tile of the block, first vector); then, for
// each row of the tile, take(place, vector, sums of the row), which returns the vector to store, and add(sums of the
// row); then leave(channel). Each row has sums of its own so that rows need not wait for each other. Sums are kept in
// float within one block of tiles, and in double over all blocks.

#include "engine/cpu/vectors.h"
#include "engine/cpu/winograd/kernels.h"
#include "engine/cpu/winograd/reader.h"

namespace mneme::winograd {
namespace {

/// Stores outputs as they are.
template <int Lanes>
struct StoreTail {
  using V = typename Vectors<Lanes>::V;
  struct Row {};
  void enter(int64_t, bool, V) {}
  V take(int64_t, V v, Row&) const { return v; }
  void add(const Row&) {}
  void leave(int64_t) const {}
};

/// Applies an affine map: relu?(a v + a2 x2 + c).
template <int Lanes, bool Two, bool Relu>
struct FollowTail {
  using V = typename Vectors<Lanes>::V;
  struct Row {};
  Followed<Lanes, Two, Relu> affine;

  void enter(int64_t channel, bool, V) { affine.enter(channel); }
  V take(int64_t place, V v, Row&) const { return affine.of(v, place); }
  void add(const Row&) {}
  void leave(int64_t) const {}
};

/// The sums of a block, one row of sums with one value per channel each. A tail continues them from tile to tile.
template <int Lanes, int Rows>
class RunningSums {
 public:
  using V = typename Vectors<Lanes>::V;
  RunningSums(float* at, int64_t channels) : at_(at), channels_(channels) {}
  V& operator[](int row) { return now_[row]; }

  void enter(int64_t channel, bool first_tile) {
    for (int r = 0; r < Rows; ++r) now_[r] = first_tile ? V{} : Vectors<Lanes>::load(at_ + r * channels_ + channel);
  }
  void leave(int64_t channel) const {
    for (int r = 0; r < Rows; ++r) Vectors<Lanes>::store(at_ + r * channels_ + channel, now_[r]);
  }

 private:
  float* at_;
  int64_t channels_;
  V now_[Rows] = {};
};

/// Sums of y - s and (y - s)^2, where s is the channel's first value in the block. Sums of y^2 itself would lose the
/// variance of a channel whose mean is much larger than its deviation. The three rows are the two sums and s.
template <int Lanes>
struct MomentsTail {
  using V = typename Vectors<Lanes>::V;
  struct Row {
    V d = {}, dd = {};
  };
  RunningSums<Lanes, 3> sums;

  void enter(int64_t channel, bool first_tile, V first) {
    sums.enter(channel, first_tile);
    if (first_tile) sums[2] = first;
  }
  V take(int64_t, V v, Row& row) {
    const V d = v - sums[2];
    row.d += d;
    row.dd += d * d;
    return v;
  }
  void add(const Row& row) {
    sums[0] += row.d;
    sums[1] += row.dd;
  }
  void leave(int64_t channel) const { sums.leave(channel); }
};

/// Converts what MomentsTail left for a block of `count` values per channel to sums of y and y^2, and adds them to
/// `sums` (2, channels).
inline void add_moments(const float* block_sums, int64_t channels, int64_t count, double* sums) {
  for (int64_t k = 0; k < channels; ++k) {
    const double d = block_sums[k], dd = block_sums[channels + k], s = block_sums[2 * channels + k];
    sums[k] += d + static_cast<double>(count) * s;
    sums[channels + k] += dd + 2 * s * d + static_cast<double>(count) * s * s;
  }
}

/// Adds `count` sums of one block to `sums`.
inline void add_sums(const float* block_sums, int64_t count, double* sums) {
  for (int64_t i = 0; i < count; ++i) sums[i] += static_cast<double>(block_sums[i]);
}

/// g = y + waiting where `made` is positive, and 0 elsewhere. The rows are the sums of g, g z and g z2.
template <int Lanes, class Made>
struct CompleteTail {
  using V = typename Vectors<Lanes>::V;
  struct Row {
    V g = {}, gz = {}, gz2 = {};
  };
  RunningSums<Lanes, 3> sums;
  Epilogue epilogue;
  Made made;

  void enter(int64_t channel, bool first_tile, V) {
    sums.enter(channel, first_tile);
    made.enter(channel);
  }
  V take(int64_t place, V v, Row& row) const {
    if (epilogue.waiting) v += Vectors<Lanes>::load(epilogue.waiting + place);
    const V g = made.at(place) > 0 ? v : V{};
    row.g += g;
    row.gz += g * Vectors<Lanes>::load(epilogue.z + place);
    if (epilogue.z2) row.gz2 += g * Vectors<Lanes>::load(epilogue.z2 + place);
    return g;
  }
  void add(const Row& row) {
    sums[0] += row.g;
    sums[1] += row.gz;
    sums[2] += row.gz2;
  }
  void leave(int64_t channel) const { sums.leave(channel); }
};

}  // namespace
}  // namespace mneme::winograd
