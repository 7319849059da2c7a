#pragma once
// Note [The table of operations]
// One row per operation of engine/ops.h and per behaviour it has: strides, odd sizes, repetition, special values.
// Adding an operation means adding rows here and, under the same names, in tests/golden/make_ops.py. Every row is then
// checked against differences, against PyTorch's stored numbers, on every device and in every layout, for unwritten
// elements, lost or doubled gradients and leaks: tests/engine/test_op_table.cpp and test_op_golden.cpp.

#include "tests/support/op_row.h"

namespace mneme::test {

const std::vector<OpRow>& op_table();

}  // namespace mneme::test
