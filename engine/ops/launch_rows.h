#pragma once
// One more launcher for the functors of engine/launch.h: for those that need sums or maxima of a row before they can
// write its elements.
//
//   for_each_row(device, n, k, f)    handles n rows of k columns each
//
// The functor says what it computes of a row in `stages` steps, each of which may use the numbers `found` by the steps
// before it:
//
//   using Number = ...                       the type of these numbers
//   static constexpr int stages = ...
//   Number start(stage)                      what to begin with, which changes nothing when it is joined
//   Number term(stage, found, n, j)          what column j adds; it may write to its own element
//   Number join(stage, a, b)                 puts two such numbers together
//   Number finished(stage, joined)           what is kept as found[stage]
//   void write(found, n, j)                  writes column j
//   void end(found, n)                       once for each row
//
// A row is a loop on the CPU and a warp on a GPU.

#include "engine/launch.h"

namespace mneme {
namespace detail {

/// Handles one row in a loop.
template <class F>
struct OneRow {
  F f;        ///< the functor
  int64_t k;  ///< columns
  /// The bytes that belong to one row, as the functor states them.
  double bytes_each() const { return f.bytes_each(); }
  /// Handles row n.
  ON_DEVICE void operator()(int64_t n) const {
    typename F::Number found[F::stages];
    for (int stage = 0; stage < F::stages; ++stage) {
      typename F::Number joined = f.start(stage);
      for (int64_t j = 0; j < k; ++j) joined = f.join(stage, joined, f.term(stage, found, n, j));
      found[stage] = f.finished(stage, joined);
    }
    for (int64_t j = 0; j < k; ++j) f.write(found, n, j);
    f.end(found, n);
  }
};

}  // namespace detail

/// Handles n rows of k columns, in any order. Throws Error as for_each() does.
template <class F>
void for_each_row(Device device, int64_t n, int64_t k, const F& f) {
#ifdef MNEME_DEVICE_CODE
  if (device == Device::cuda) return cuda::for_each_row(n, k, f);
#endif
  for_each(device, n, detail::OneRow<F>{f, k});
}

}  // namespace mneme
