#pragma once
// What functors of engine/ops/launch_rows.h have in common.

#include <limits>

#include "engine/ops/launch_rows.h"

namespace mneme {

/// Sums in every stage.
template <class R>
struct RowSums {
  using Number = R;                                             ///< the type of a sum
  ON_DEVICE R start(int) const { return R(0); }                 ///< the sum of no terms
  ON_DEVICE R join(int, R a, R b) const { return a + b; }       ///< a sum
  ON_DEVICE R finished(int, R joined) const { return joined; }  ///< the sum itself
  ON_DEVICE void end(const R*, int64_t) const {}                ///< nothing to do
};

/// The maximum in stage 0 and sums afterwards.
template <class R>
struct RowMaximumThenSums : RowSums<R> {
  /// Less than every number, or nothing.
  ON_DEVICE R start(int stage) const { return stage == 0 ? -std::numeric_limits<R>::infinity() : R(0); }
  /// A maximum, or a sum. NaN is no maximum; it spoils the sums that follow.
  ON_DEVICE R join(int stage, R a, R b) const { return stage == 0 ? (b > a ? b : a) : a + b; }
};

}  // namespace mneme
