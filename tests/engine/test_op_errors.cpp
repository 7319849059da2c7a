// Tests of the messages for wrong calls. A message names the operation, the shapes that were given and the shapes that
// fit.

#include <doctest/doctest.h>

#include "engine/ops.h"
#include "tests/support/tensors.h"

namespace mneme::test {
namespace {

Tensor of(const Shape& shape) { return Tensor::zeros(shape, f64_reference); }

/// The message with which `call` fails; empty if it does not fail.
template <class Call>
std::string message(const Call& call) {
  try {
    (void)call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("wrong shapes name the operation and the shapes") {
  CHECK(message([] { return add(of({2, 3}), of({2, 4})); }) == "add: shapes (2, 3) and (2, 4) do not fit together");
  CHECK(message([] { return div(of({2, 3}), of({2})); }) == "div: shapes (2, 3) and (2) do not fit together");
  CHECK(message([] { return matmul(of({2, 3}), of({2, 3})); }) == "matmul: (2, 3) does not fit (2, 3)");
  CHECK(message([] {
          return matmul(of({2, 3}), of({4, 3}), Transpose::first);
        }) == "matmul: (2, 3)^T does not fit (4, 3)");
  CHECK(message([] { return matmul(of({2}), of({2, 3})); }) == "matmul: (2) does not fit (2, 3)");
  CHECK(message([] {
          return linear(of({2, 3}), of({5, 4}), {});
        }) == "linear: expected x (N, I) and w (O, I), got (2, 3) and (5, 4)");
  CHECK(message([] {
          return linear(of({2, 3}), of({5, 3}), of({4}));
        }) == "add: shapes (2, 5) and (4) do not fit together");
  CHECK(message([] { return softmax(of({2, 3, 4})); }) == "softmax: expected (N, K) with K > 0, got (2, 3, 4)");
  CHECK(message([] { return log_softmax(of({2, 0})); }) == "log_softmax: expected (N, K) with K > 0, got (2, 0)");
  CHECK(message([] {
          return strip_energies(of({2, 3, 4}));
        }) == "strip_energies: expected (N, C, H, W), got (2, 3, 4)");
  CHECK(message([] { return normalize_rows(of({2})); }) == "normalize_rows: expected (N, K), got (2)");
  CHECK(message([] { return reshape(of({2, 3}), {4}); }) == "reshape: (2, 3) has 6 elements, (4) needs 4");
  CHECK(message([] {
          return concat_columns({of({2, 3}), of({3, 3})});
        }) == "concat_columns: (3, 3) does not stand beside (2, 3)");
  CHECK(message([] { return concat_columns({}); }) == "concat_columns needs at least one part");
  CHECK(message([] { return slice_columns(of({2, 3}), 1, 4); }) == "slice_columns: no columns 1 to 4 in (2, 3)");
  CHECK(message([] { return slice_columns(of({2, 3}), 2, 1); }) == "slice_columns: no columns 2 to 1 in (2, 3)");
  CHECK(message([] { return sum_to_size(of({2, 3}), {2}); }) == "sum_to_size: (2, 3) was not repeated from (2)");
  CHECK(message([] { return sum_to_size(of({3}), {2, 3}); }) == "sum_to_size: (3) was not repeated from (2, 3)");
  CHECK(message([] { return sum_last(of({})); }) == "sum_last: a scalar has no last dimension");
  CHECK(message([] { return mean(of({0})); }) == "the mean of no elements is undefined");
  CHECK(message([] {
          add_in_place(of({2}), of({3}));
          return 0;
        }) == "add_in_place: (2) and (3) differ");
}

TEST_CASE("wrong image shapes name the operation, the shapes and the sizes that do not fit") {
  CHECK(message([] {
          return conv2d(of({1, 3, 4, 4}), of({8, 4, 3, 3}), {});
        }) == "conv2d: expected x (N, C, H, W) and w (K, C, R, S), got (1, 3, 4, 4) and (8, 4, 3, 3)");
  CHECK(message([] {
          return conv2d(of({1, 3, 4, 4}), of({8, 3, 7, 7}), {.stride = 2, .pad = 1});
        }) == "conv2d: a window of 7x7 with stride 2 and pad 1 does not fit x (1, 3, 4, 4)");
  CHECK(message([] {
          return conv2d(of({1, 3, 4, 4}), of({8, 3, 3, 3}), {.stride = 0});
        }) == "conv2d: a window of 3x3 with stride 0 and pad 0 does not fit x (1, 3, 4, 4)");
  BatchNormStatistics running{of({3}), of({3})};
  CHECK(message([&] {
          return batch_norm(of({2, 4, 2, 2}), of({4}), of({4}), running, {});
        }) == "batch_norm: expected 4 running means and variances, got (3)");
  CHECK(message([&] {
          return batch_norm(of({2, 4, 2, 2}), of({3}), of({4}), running, {});
        }) == "batch_norm: expected x (N, C, H, W) with C values of gamma and beta, got (2, 4, 2, 2), (3) and (4)");
  CHECK(message([] {
          return max_pool(of({1, 1, 4, 4}), {.window = 5, .stride = 1, .pad = 0});
        }) == "max_pool: a window of 5 with stride 1 and pad 0 does not fit (1, 1, 4, 4)");
  CHECK(message([] {
          return max_pool(of({1, 1, 4, 4}), {.window = 2, .stride = 1, .pad = 2});
        }) == "max_pool: a window of 2 with stride 1 and pad 2 does not fit (1, 1, 4, 4)");
  CHECK(message([] {
          return max_pool(of({1, 1, 20, 20}), {.window = 17, .stride = 1, .pad = 0});
        }) == "max_pool: windows are at most 16 pixels wide, got 17");
  CHECK(message([] {
          return global_average_pool(of({2, 3}));
        }) == "global_average_pool: expected (N, C, H, W), got (2, 3)");
  CHECK(message([] {
          return subsample_pad_channels(of({1, 4, 2, 2}), 2, 3);
        }) == "subsample_pad_channels: (1, 4, 2, 2) cannot become 3 channels with stride 2");
}

TEST_CASE("wrong labels, rows and columns say what was expected") {
  CHECK(message([] {
          return softmax_cross_entropy(of({2, 3}), i32({0, 1, 2}));
        }) == "softmax_cross_entropy: expected logits (N, K) and N i32 labels, got (2, 3) and (3)");
  CHECK(message([] {
          return softmax_cross_entropy(of({2, 3}), of({2}));
        }) == "softmax_cross_entropy: expected logits (N, K) and N i32 labels, got (2, 3) and (2)");
  CHECK(message([] {
          return softmax_cross_entropy(of({2, 3}), i32({0, 1}), of({4}));
        }) == "softmax_cross_entropy: 3 logits but 4 offsets");
  CHECK(message([] {
          return gather(of({2, 3}), i32({0}));
        }) == "gather: expected x (N, K) and i32 columns (N) or (N, M), got (2, 3) and (1)");
  CHECK(message([] {
          return index_select(of({2, 3}), of({1}));
        }) == "index_select: expected x (N, K) and i32 rows, got (2, 3)");
  CHECK(message([] { return relu(i32({1})); }) == "this operation needs real numbers (f32 or f64), got i32");
}

TEST_CASE("tensors of different types or devices do not meet in one operation") {
  const Tensor a = of({2, 2}), b = Tensor::zeros({2, 2}, {Device::reference, DType::f32}),
               c = Tensor::zeros({2, 2}, {Device::cpu});
  CHECK(message([&] { return mul(a, b); }) ==
        "mul: cannot mix reference f64 with reference f32; convert one with to()");
  CHECK(message([&] { return matmul(b, c); }) ==
        "matmul: cannot mix reference f32 with cpu f32; convert one with to()");
  CHECK(message([&] {
          return concat_columns({a, b});
        }) == "concat_columns: cannot mix reference f64 with reference f32; convert one with to()");
  CHECK(message([&] {
          return conv2d(of({1, 1, 2, 2}), Tensor::zeros({1, 1, 1, 1}, {Device::cpu}), {});
        }) == "conv2d: cannot mix reference f64 with cpu f32; convert one with to()");
  CHECK(message([&] {
          return softmax_cross_entropy(a, i32({0, 1}, Device::cpu));
        }) == "softmax_cross_entropy: cannot mix a tensor on reference with one on cpu; move one with to()");
  CHECK(message([&] {
          return softmax_cross_entropy(a, i32({0, 1}), Tensor::zeros({2}, {Device::reference}));
        }) == "softmax_cross_entropy: cannot mix reference f64 with reference f32; convert one with to()");
  CHECK(message([&] { return index_select(a, i32({0}, Device::cpu)); }) ==
        "index_select: cannot mix a tensor on reference with one on cpu; move one with to()");
  CHECK(message([&] {
          return gather(a, i32({0, 1}, Device::cpu));
        }) == "gather: cannot mix a tensor on reference with one on cpu; move one with to()");
  BatchNormStatistics running{of({2}), of({2})};
  const Tensor x = Tensor::zeros({2, 2, 2, 2}, {Device::reference, DType::f32}),
               ones = Tensor::full({2}, 1, {Device::reference});
  CHECK(message([&] { return batch_norm(x, ones, ones, running, {}); }) ==
        "batch_norm: cannot mix reference f32 with reference f64; convert one with to()");
}

TEST_CASE("asking for a GPU that is not there says so and how to get it") {
  if (device_available(Device::cuda)) return;
  const std::string text = message([] { return Tensor::zeros({1}, {Device::cuda}); });
  CHECK(text.starts_with("--device cuda: "));
  CHECK(text.size() > 20);
}

}  // namespace
}  // namespace mneme::test
