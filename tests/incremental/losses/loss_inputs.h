#pragma once
// Inputs and comparisons that tests of losses share.

#include <doctest/doctest.h>

#include <string>

#include "tests/support/formula.h"
#include "tests/support/tensors.h"

namespace mneme::test {

/// Equal up to rounding in double precision.
inline doctest::Approx near(double value) { return doctest::Approx(value).epsilon(1e-9).scale(1); }

/// f64 numbers that depend on `name` only, the same as in the scripts of tests/golden.
inline Tensor drawn_tensor(const std::string& name, const Shape& shape) {
  return f64(shape, drawn_values(name, shape.elements(), Draw::any));
}

}  // namespace mneme::test
