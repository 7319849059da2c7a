#pragma once
// Questions about numbers whose answers are places or marks. Nothing here is recorded: no gradient flows through a
// choice, only through what was chosen.

#include "engine/tensor.h"

namespace mneme {

/// The columns of each row's k largest numbers, largest first, ties to the first column: x (N, K), k <= K -> i32 (N,
/// k). Numbers that are none are never chosen; where too few are left the column is -1, which pick() turns into NaN.
Tensor topk(const Tensor& x, int64_t k);

/// 1 where a label is below `limit` and 0 elsewhere: labels i32 (N) -> (N, 1) of type `like`.
Tensor marks_below(const Tensor& labels, int64_t limit, TensorOptions tensor_options);

/// 1 at column labels[n] - first and 0 elsewhere; a label without a column leaves its row 0: labels i32 (N) ->
/// (N, columns) of type `like`.
Tensor one_hot(const Tensor& labels, int64_t first, int64_t columns, TensorOptions tensor_options);

}  // namespace mneme
