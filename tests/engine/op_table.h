#pragma once
// Note [The table of operations]
// One row for each operation of engine/ops.h and for each of its behaviours: strides, odd sizes, broadcasting, special
// values. To add an operation, add rows here and, under the same names, in tests/golden/make_ops.py. Every row is then
// compared with finite differences and with PyTorch's stored numbers, on every device and in every layout. It is also
// checked for unwritten elements, lost or doubled gradients, and leaks: see tests/engine/test_op_table.cpp and
// test_op_golden.cpp.

#include "tests/support/op_row.h"

namespace mneme::test {

const std::vector<OpRow>& op_table();

}  // namespace mneme::test
