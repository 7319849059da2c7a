#include "engine/cost.h"

#include <doctest/doctest.h>

namespace mneme::test {
namespace {

OpEvent convolution(Pass pass, const Shape& x, const Shape& w, const Shape& y, bool dx, bool dw) {
  return {"conv2d", pass, y, {{x, dx}, {w, dw}}};
}

TEST_CASE("a convolution multiplies each output with its window in every input channel") {
  const Cost cost = cost_of(convolution(Pass::forward, {2, 3, 8, 8}, {5, 3, 3, 3}, {2, 5, 4, 4}, false, false));
  CHECK(cost.flops == 2.0 * (2 * 5 * 4 * 4) * (3 * 3 * 3));
  CHECK(cost.winograd_flops == cost.flops);  // stride 2: Winograd does not apply
  CHECK(cost.bytes == 4.0 * (2 * 3 * 8 * 8 + 5 * 3 * 3 * 3 + 2 * 5 * 4 * 4));
}

TEST_CASE("Winograd quarters the products of a 3x3 window when the sides divide by 4, and less when they do not") {
  const Cost even = cost_of(convolution(Pass::forward, {1, 1, 8, 8}, {1, 1, 3, 3}, {1, 1, 8, 8}, false, false));
  CHECK(even.flops == 2.0 * 64 * 9);
  CHECK(even.winograd_flops == 2.0 * 4 * 36);
  const Cost odd = cost_of(convolution(Pass::forward, {1, 1, 5, 5}, {1, 1, 3, 3}, {1, 1, 5, 5}, false, false));
  CHECK(odd.winograd_flops == 2.0 * 4 * 36);
}

TEST_CASE("backward arithmetic counts only the gradients that were wanted") {
  const Shape x{1, 2, 4, 4}, w{3, 2, 1, 1}, y{1, 3, 4, 4};
  const double once = cost_of(convolution(Pass::forward, x, w, y, false, false)).flops;
  CHECK(cost_of(convolution(Pass::backward, x, w, y, true, true)).flops == 2 * once);
  CHECK(cost_of(convolution(Pass::backward, x, w, y, false, true)).flops == once);
  CHECK(cost_of(convolution(Pass::backward, x, w, y, false, true)).bytes ==
        4.0 * (y.elements() + x.elements() + 2 * w.elements()));
}

TEST_CASE("a matrix product costs the same arithmetic whichever factor is transposed") {
  const OpEvent plain{"matmul", Pass::forward, {4, 6}, {{{4, 5}}, {{5, 6}}}},
      second{"matmul", Pass::forward, {4, 6}, {{{4, 5}}, {{6, 5}}}};
  CHECK(cost_of(plain).flops == 2.0 * 4 * 5 * 6);
  CHECK(cost_of(second).flops == 2.0 * 4 * 5 * 6);
}

TEST_CASE("an element-wise operation is traffic alone, and undefined inputs weigh nothing") {
  const OpEvent relu{"relu", Pass::forward, {8}, {{{8}}}},
      optional{"softmax_cross_entropy", Pass::forward, {4, 1}, {{{4, 7}}, {{}}}};
  CHECK(cost_of(relu).flops == 0);
  CHECK(cost_of(relu, 8).bytes == 8.0 * 16);
  CHECK(cost_of(optional).bytes == 4.0 * (4 + 28));
}

TEST_CASE("adding gradients up is not charged, it is what an operation could have avoided") {
  CHECK(cost_of({"add", Pass::gradient_sums, {8}, {{{8}, true}}}).bytes == 0);
}

}  // namespace
}  // namespace mneme::test
