#pragma once
// What happens to the outputs of Note [Winograd] on their way to memory; see Epilogue. A tail gets the columns of the
// rows of tiles of a block: enter(channel, whether this is the block's first row of tiles, first vector); then, for
// each column, column(rows inside the image, where the column begins, floats from row to row, its four vectors), which
// may change the vectors before they are stored; then leave(channel). A column has sums of its own, so that columns
// need not wait for each other. It reads all that it needs before its vectors are stored: a load of an address that
// equals that of a recent store in the last twelve bits waits for it. Sums are kept in float within one block of tiles,
// and in double over all blocks.

#include "engine/cpu/vectors.h"
#include "engine/cpu/winograd/kernels.h"
#include "engine/cpu/winograd/reader.h"

namespace mneme::winograd {
namespace {

/// Stores outputs as they are.
template <int Lanes>
struct StoreTail {
  using V = typename Vectors<Lanes>::V;
  void enter(int64_t, bool, V) {}
  template <class Rows>
  void column(Rows, int64_t, int64_t, V (&)[4]) const {}
  void leave(int64_t) const {}
};

/// Applies an affine map: relu?(a v + a2 x2 + c).
template <int Lanes, bool Two, bool Relu>
struct FollowTail {
  using V = typename Vectors<Lanes>::V;
  Followed<Lanes, Two, Relu> affine;

  void enter(int64_t channel, bool, V) { affine.enter(channel); }
  template <class Rows>
  void column(Rows rows, int64_t first, int64_t line, V (&out)[4]) const {
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i)
      if (rows.hold(i)) out[i] = affine.of(out[i], first + i * line);
  }
  void leave(int64_t) const {}
};

/// The sums of a block, one row of sums with one value per channel each. A tail continues them from row to row of
/// tiles.
template <int Lanes, int Rows>
class RunningSums {
 public:
  using V = typename Vectors<Lanes>::V;
  RunningSums(float* at, int64_t channels) : at_(at), channels_(channels) {}
  V& operator[](int row) { return now_[row]; }

  void enter(int64_t channel, bool first_row) {
    for (int r = 0; r < Rows; ++r) now_[r] = first_row ? V{} : Vectors<Lanes>::load(at_ + r * channels_ + channel);
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
  RunningSums<Lanes, 3> sums;

  void enter(int64_t channel, bool first_row, V first) {
    sums.enter(channel, first_row);
    if (first_row) sums[2] = first;
  }
  template <class Rows>
  void column(Rows rows, int64_t, int64_t, V (&out)[4]) {
    V all = {}, squares = {};
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i)
      if (rows.hold(i)) {
        const V d = out[i] - sums[2];
        all += d;
        squares += d * d;
      }
    sums[0] += all;
    sums[1] += squares;
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
template <int Lanes, class Made, bool Waiting, bool Two>
struct CompleteTail {
  using V = typename Vectors<Lanes>::V;
  RunningSums<Lanes, 3> sums;
  Epilogue epilogue;
  Made made;

  void enter(int64_t channel, bool first_row, V) {
    sums.enter(channel, first_row);
    made.enter(channel);
  }
  template <class Rows>
  void column(Rows rows, int64_t first, int64_t line, V (&out)[4]) {
    V all = {}, products = {}, products2 = {};
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i)
      if (rows.hold(i)) {
        const int64_t at = first + i * line;
        V v = out[i];
        if (Waiting) v += Vectors<Lanes>::load(epilogue.waiting + at);
        const V g = made.at(at) > 0 ? v : V{};
        all += g;
        products += g * Vectors<Lanes>::load(epilogue.z + at);
        if (Two) products2 += g * Vectors<Lanes>::load(epilogue.z2 + at);
        out[i] = g;
      }
    sums[0] += all;
    sums[1] += products;
    if (Two) sums[2] += products2;
  }
  void leave(int64_t channel) const { sums.leave(channel); }
};

/// Calls body(tail) with the tail that applies an affine map.
template <int Lanes, class Body>
void with_follow_tail(const ImageSource& affine, int64_t channels, const Body& body) {
  if (affine.x2)
    affine.relu ? body(FollowTail<Lanes, true, true>{{affine, channels}})
                : body(FollowTail<Lanes, true, false>{{affine, channels}});
  else
    affine.relu ? body(FollowTail<Lanes, false, true>{{affine, channels}})
                : body(FollowTail<Lanes, false, false>{{affine, channels}});
}

/// Calls body(tail) with the tail that completes a gradient. Where a map makes the input, a ReLU follows it.
template <int Lanes, class Body>
void with_complete_tail(const Epilogue& e, const RunningSums<Lanes, 3>& sums, int64_t channels, const Body& body) {
  const auto with_made = [&](auto made) {
    using Made = decltype(made);
    if (e.waiting)
      e.z2 ? body(CompleteTail<Lanes, Made, true, true>{sums, e, made})
           : body(CompleteTail<Lanes, Made, true, false>{sums, e, made});
    else
      e.z2 ? body(CompleteTail<Lanes, Made, false, true>{sums, e, made})
           : body(CompleteTail<Lanes, Made, false, false>{sums, e, made});
  };
  if (e.made.coefficients)
    with_made(Followed<Lanes, false, true>{e.made, channels});
  else
    with_made(Numbers<Lanes>{e.made.x});
}

}  // namespace
}  // namespace mneme::winograd
