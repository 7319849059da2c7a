#pragma once
// Operations whose results are positions or 0-1 marks. They are not recorded: no gradient flows through a choice, only
// through the numbers that were chosen.

#include "engine/tensor.h"

namespace mneme {

/// The columns of the k largest numbers of each row, largest first; the first of equal numbers comes first: x (N, K),
/// f32 or f64, 0 <= k <= K -> i32 (N, k). NaN is never chosen. If a row has fewer than k other numbers, the remaining
/// columns are -1, for which gather() gives NaN. Throws Error for other shapes, k or types.
Tensor topk(const Tensor& x, int64_t k);

/// 1 where a label is below `limit`, 0 elsewhere: labels i32 (N) -> (N, 1) with the given options (f32 or f64). Throws
/// Error if `labels` are not i32 (N), or if the options name another device or an integer type.
Tensor marks_below(const Tensor& labels, int64_t limit, TensorOptions tensor_options);

/// 1 at column labels[n] - first, 0 elsewhere: labels i32 (N) -> (N, columns) with the given options (f32 or f64). The
/// row of a label outside [first, first + columns) is 0. Throws Error as marks_below() does.
Tensor one_hot(const Tensor& labels, int64_t first, int64_t columns, TensorOptions tensor_options);

}  // namespace mneme
