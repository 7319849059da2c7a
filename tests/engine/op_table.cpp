#include "tests/engine/op_table.h"

#include <cmath>

#include "engine/ops.h"

namespace mneme::test {
namespace {

using In = const std::vector<Tensor>&;
using Rows = std::vector<OpRow>;

const Rows unary_rows = {
    {"relu", {numbers({3, 5}, Draw::off_zero)}, [](In in) { return relu(in[0]); }},
    {"relu: image", {image({2, 16, 3, 2}, Draw::off_zero)}, [](In in) { return relu(in[0]); }},
    {"relu: scalar", {numbers({}, Draw::off_zero)}, [](In in) { return relu(in[0]); }},
    {"to_float", {image({2, 16, 3, 2})}, [](In in) { return to_float(in[0]); }},
    {"sigmoid", {numbers({3, 5})}, [](In in) { return sigmoid(in[0]); }},
    {"sigmoid: far out", {given({6}, {-90, -20, -3, 3, 20, 90})}, [](In in) { return sigmoid(in[0]); }},
    {"softplus", {numbers({3, 5})}, [](In in) { return softplus(in[0]); }},
    {"softplus: far out", {given({6}, {-800, -20, -3, 3, 20, 800})}, [](In in) { return softplus(in[0]); }},
    {"exp", {numbers({3, 5})}, [](In in) { return exp(in[0]); }},
    {"log", {numbers({3, 5}, Draw::positive)}, [](In in) { return log(in[0]); }},
    {"sqrt", {numbers({3, 5}, Draw::positive)}, [](In in) { return sqrt(in[0]); }},
    {"abs", {numbers({3, 5}, Draw::off_zero)}, [](In in) { return abs(in[0]); }},
    {"square", {image({2, 16, 2, 2})}, [](In in) { return square(in[0]); }},
    {"scale", {numbers({2, 3, 4})}, [](In in) { return scale(in[0], -1.75); }},
    {"add_scalar", {numbers({3, 5})}, [](In in) { return add_scalar(in[0], 0.375); }},
    {"clamp_min", {numbers({4, 5}, Draw::off_zero)}, [](In in) { return clamp_min(in[0], 0.125); }},
};

const Rows binary_rows = {
    {"add", {numbers({3, 4}), numbers({3, 4})}, [](In in) { return add(in[0], in[1]); }},
    {"add: images", {image({2, 16, 3, 2}), image({2, 16, 3, 2})}, [](In in) { return add(in[0], in[1]); }},
    {"add: bias", {numbers({3, 4}), numbers({4})}, [](In in) { return add(in[0], in[1]); }},
    {"add: first one repeated", {numbers({4}), numbers({3, 4})}, [](In in) { return add(in[0], in[1]); }},
    {"add: scalar", {numbers({2, 3}), numbers({})}, [](In in) { return add(in[0], in[1]); }},
    {"add: each with each", {numbers({3, 1}), numbers({1, 4})}, [](In in) { return add(in[0], in[1]); }},
    {"add: per channel", {image({2, 16, 2, 3}), numbers({16, 1, 1})}, [](In in) { return add(in[0], in[1]); }},
    {"add: one tensor twice", {numbers({3, 4})}, [](In in) { return add(in[0], in[0]); }},
    {"sub", {image({2, 16, 2, 2}), image({2, 16, 2, 2})}, [](In in) { return sub(in[0], in[1]); }},
    {"sub: one per row", {numbers({3, 4}), numbers({3, 1})}, [](In in) { return sub(in[0], in[1]); }},
    {"mul", {numbers({3, 4}), numbers({3, 4})}, [](In in) { return mul(in[0], in[1]); }},
    {"mul: one tensor twice", {numbers({3, 4})}, [](In in) { return mul(in[0], in[0]); }},
    {"mul: per image and channel",
     {image({2, 16, 2, 2}), numbers({2, 16, 1, 1})},
     [](In in) { return mul(in[0], in[1]); }},
    {"mul: middle repeated", {numbers({2, 1, 3}), numbers({4, 1})}, [](In in) { return mul(in[0], in[1]); }},
    {"div", {numbers({3, 4}), numbers({3, 4}, Draw::off_zero)}, [](In in) { return div(in[0], in[1]); }},
    {"div: one per row", {numbers({3, 4}), numbers({3, 1}, Draw::positive)}, [](In in) { return div(in[0], in[1]); }},
    {"div: images",
     {image({1, 16, 2, 2}), image({1, 16, 2, 2}, Draw::positive)},
     [](In in) { return div(in[0], in[1]); }},
};

const Rows sum_rows = {
    {"sum", {numbers({3, 4})}, [](In in) { return sum(in[0]); }},
    {"sum: image", {image({2, 16, 3, 3})}, [](In in) { return sum(in[0]); }},
    {"sum: several pieces", {numbers({9001})}, [](In in) { return sum(in[0]); }},
    {"mean", {image({2, 3, 4, 4})}, [](In in) { return mean(in[0]); }},
    {"mean: scalar", {numbers({})}, [](In in) { return mean(in[0]); }},
    {"sum_last", {numbers({3, 5})}, [](In in) { return sum_last(in[0]); }},
    {"sum_last: image", {image({2, 16, 2, 3})}, [](In in) { return sum_last(in[0]); }},
    {"sum_to_size: row", {numbers({3, 4})}, [](In in) { return sum_to_size(in[0], {4}); }},
    {"sum_to_size: scalar", {numbers({3, 4})}, [](In in) { return sum_to_size(in[0], {}); }},
    {"sum_to_size: per channel",
     {image({2, 16, 3, 2})},
     [](In in) {
       return sum_to_size(in[0], {16, 1, 1});
     }},
    {"sum_to_size: outer and inner",
     {numbers({2, 3, 4})},
     [](In in) {
       return sum_to_size(in[0], {1, 3, 1});
     }},
};

const Rows shape_rows = {
    {"reshape",
     {numbers({2, 6})},
     [](In in) {
       return reshape(in[0], {3, 4});
     }},
    {"reshape: image to rows",
     {image({2, 16, 2, 3})},
     [](In in) {
       return reshape(in[0], {2, 96});
     }},
    {"reshape: rows to image",
     {numbers({2, 32})},
     [](In in) {
       return reshape(in[0], {2, 16, 2, 1});
     }},
    {"concat_columns", {numbers({3, 2}), numbers({3, 1}), numbers({3, 4})}, [](In in) { return concat_columns(in); }},
    {"concat_columns: one part", {numbers({3, 2})}, [](In in) { return concat_columns(in); }},
    {"concat_columns: one tensor twice",
     {numbers({3, 2})},
     [](In in) {
       return concat_columns({in[0], in[0]});
     }},
    {"slice_columns", {numbers({3, 6})}, [](In in) { return slice_columns(in[0], 1, 4); }},
    {"slice_columns: all", {numbers({3, 6})}, [](In in) { return slice_columns(in[0], 0, 6); }},
    {"slice_columns: none", {numbers({3, 6})}, [](In in) { return slice_columns(in[0], 2, 2); }},
    {"index_select", {numbers({4, 3}), indices({3, 0, 1})}, [](In in) { return index_select(in[0], in[1]); }},
    {"index_select: repeated",
     {numbers({4, 3}), indices({2, 0, 2, 2, 3})},
     [](In in) { return index_select(in[0], in[1]); }},
    {"index_select: none", {numbers({4, 3}), indices({})}, [](In in) { return index_select(in[0], in[1]); }},
    {"gather", {numbers({4, 3}), indices({2, 0, 0, 1})}, [](In in) { return gather(in[0], in[1]); }},
    {"gather: several", {numbers({2, 3}), indices({2, 2}, {2, 0, 1, 1})}, [](In in) { return gather(in[0], in[1]); }},
};

const double infinity = INFINITY;
const std::vector<double> large_logits = {500, -500, 499, 3, -2, 1, -600, -600.5, -601};

const Rows row_rows = {
    {"softmax", {numbers({3, 5})}, [](In in) { return softmax(in[0]); }},
    {"softmax: one column", {numbers({3, 1})}, [](In in) { return softmax(in[0]); }},
    {"softmax: large", {given({3, 3}, large_logits)}, [](In in) { return softmax(in[0]); }},
    {"log_softmax", {numbers({3, 5})}, [](In in) { return log_softmax(in[0]); }},
    {"log_softmax: large", {given({3, 3}, large_logits)}, [](In in) { return log_softmax(in[0]); }},
    {"softmax_cross_entropy",
     {numbers({4, 5}), indices({4, 0, 2, 2})},
     [](In in) { return softmax_cross_entropy(in[0], in[1]); }},
    {"softmax_cross_entropy: large",
     {given({3, 3}, large_logits), indices({1, 0, 2})},
     [](In in) { return softmax_cross_entropy(in[0], in[1]); }},
    {"softmax_cross_entropy: offset",
     {numbers({4, 5}), indices({4, 0, 2, 2}), numbers({5})},
     [](In in) { return softmax_cross_entropy(in[0], in[1], in[2]); }},
    {"softmax_cross_entropy: counts as offset",
     {numbers({3, 3}), indices({0, 1, 2}), given({3}, {6.25, 3.0, 0.0})},
     [](In in) { return softmax_cross_entropy(in[0], in[1], in[2]); }},
    {"softmax_cross_entropy: excluded class",
     {numbers({3, 4}), indices({0, 3, 1}), given({4}, {0.5, 0, -infinity, -1})},
     [](In in) { return softmax_cross_entropy(in[0], in[1], in[2]); }},
    {"normalize_rows", {numbers({3, 5}, Draw::off_zero)}, [](In in) { return normalize_rows(in[0]); }},
};

const Rows matrix_rows = {
    {"matmul", {numbers({3, 4}), numbers({4, 2})}, [](In in) { return matmul(in[0], in[1]); }},
    {"matmul: first transposed",
     {numbers({4, 3}), numbers({4, 2})},
     [](In in) { return matmul(in[0], in[1], Transpose::first); }},
    {"matmul: second transposed",
     {numbers({3, 4}), numbers({2, 4})},
     [](In in) { return matmul(in[0], in[1], Transpose::second); }},
    {"matmul: with itself", {numbers({3, 3})}, [](In in) { return matmul(in[0], in[0], Transpose::second); }},
    {"matmul: long sum", {numbers({2, 150}), numbers({150, 3})}, [](In in) { return matmul(in[0], in[1]); }},
    {"matmul: outer product", {numbers({5, 1}), numbers({1, 7})}, [](In in) { return matmul(in[0], in[1]); }},
    {"linear", {numbers({3, 4}), numbers({2, 4}), numbers({2})}, [](In in) { return linear(in[0], in[1], in[2]); }},
    {"linear: no bias", {numbers({3, 4}), numbers({2, 4})}, [](In in) { return linear(in[0], in[1], {}); }},
};

OpRow convolution(const char* name, const Shape& x, const Shape& w, ConvOptions options) {
  return {name, {image(x), numbers(w)}, [options](In in) { return conv2d(in[0], in[1], options); }, 2e-6, false};
}

const Rows conv_rows = {
    convolution("conv2d: 3x3", {2, 3, 6, 5}, {4, 3, 3, 3}, {.stride = 1, .pad = 1}),
    convolution("conv2d: no pad", {2, 2, 5, 6}, {3, 2, 3, 3}, {.stride = 1, .pad = 0}),
    convolution("conv2d: stride 2, even sizes", {2, 3, 6, 8}, {4, 3, 3, 3}, {.stride = 2, .pad = 1}),
    convolution("conv2d: stride 2, odd sizes", {2, 3, 7, 5}, {4, 3, 3, 3}, {.stride = 2, .pad = 1}),
    convolution("conv2d: pixels between strides", {1, 2, 8, 7}, {3, 2, 2, 2}, {.stride = 3, .pad = 0}),
    convolution("conv2d: 1x1, stride 2", {2, 4, 6, 5}, {3, 4, 1, 1}, {.stride = 2, .pad = 0}),
    convolution("conv2d: window not square", {2, 2, 5, 6}, {3, 2, 2, 4}, {.stride = 1, .pad = 1}),
    convolution("conv2d: window as large as the image", {2, 3, 4, 4}, {5, 3, 4, 4}, {.stride = 1, .pad = 0}),
    convolution("conv2d: pad wider than the window reaches", {1, 2, 3, 4}, {2, 2, 3, 3}, {.stride = 1, .pad = 3}),
    convolution("conv2d: 7x7, stride 2", {1, 3, 9, 8}, {4, 3, 7, 7}, {.stride = 2, .pad = 3}),
    convolution("conv2d: 3 to 16 channels", {2, 3, 4, 5}, {16, 3, 3, 3}, {.stride = 1, .pad = 1}),
    convolution("conv2d: 16 to 16 channels", {1, 16, 4, 3}, {16, 16, 3, 3}, {.stride = 1, .pad = 1}),
    convolution("conv2d: 16 to 32 channels, stride 2", {1, 16, 3, 3}, {32, 16, 3, 3}, {.stride = 2, .pad = 1}),
    convolution("conv2d: 16 to 32 channels, 1x1, stride 2", {3, 16, 3, 4}, {32, 16, 1, 1}, {.stride = 2, .pad = 0}),
    convolution("conv2d: 16 to 10 channels", {2, 16, 3, 3}, {10, 16, 3, 3}, {.stride = 1, .pad = 1}),
};

/// Inputs are x, gamma, beta, running mean and variance. The running statistics are copied first, because training
/// overwrites them.
OpRow normalisation(const char* name, const Shape& x, Draw draw, BatchNormOptions options,
                    double f32_tolerance = 5e-6) {
  const Shape c{x[1]};
  return {name,
          {image(x, draw), numbers(c, Draw::off_zero), numbers(c), constant(numbers(c)),
           constant(numbers(c, Draw::positive))},
          [options](In in) {
            BatchNormStatistics running{in[3].clone(), in[4].clone()};
            return batch_norm(in[0], in[1], in[2], running, options);
          },
          f32_tolerance};
}

const Rows batch_norm_rows = {
    normalisation("batch_norm: training", {3, 2, 4, 3}, Draw::any, {}),
    normalisation("batch_norm: training, 16 channels", {2, 16, 3, 3}, Draw::any, {}),
    normalisation("batch_norm: training, running values kept", {2, 3, 2, 2}, Draw::any, {.update_running = false}),
    normalisation("batch_norm: training, mean far from zero", {3, 2, 3, 3}, Draw::positive, {}),
    // two values always become -1 and 1, so dx consists of rounding errors of terms that cancel
    normalisation("batch_norm: training, two values per channel", {2, 3, 1, 1}, Draw::any, {}, 1e-3),
    normalisation("batch_norm: training, large eps", {2, 2, 2, 3}, Draw::any, {.eps = 0.5}),
    normalisation("batch_norm: inference", {3, 2, 4, 3}, Draw::any, {.training = false}),
    normalisation("batch_norm: inference, 16 channels", {2, 16, 2, 3}, Draw::any, {.training = false}),
    normalisation("batch_norm: inference, one pixel", {1, 3, 1, 1}, Draw::any, {.training = false}),
};

OpRow pooling(const char* name, const Shape& x, PoolOptions options) {
  return {name, {image(x, Draw::distinct)}, [options](In in) { return max_pool(in[0], options); }};
}

OpRow subsampling(const char* name, const Shape& x, int64_t stride, int64_t channels) {
  return {name, {image(x)}, [=](In in) { return subsample_pad_channels(in[0], stride, channels); }};
}

const Rows image_rows = {
    {"global_average_pool", {image({2, 3, 4, 5})}, [](In in) { return global_average_pool(in[0]); }},
    {"global_average_pool: 16 channels", {image({2, 16, 3, 3})}, [](In in) { return global_average_pool(in[0]); }},
    {"global_average_pool: one pixel", {image({2, 3, 1, 1})}, [](In in) { return global_average_pool(in[0]); }},
    pooling("max_pool", {2, 3, 6, 4}, {.window = 2, .stride = 2, .pad = 0}),
    pooling("max_pool: overlapping, padded, odd sizes", {1, 2, 7, 5}, {.window = 3, .stride = 2, .pad = 1}),
    pooling("max_pool: stride 1", {1, 2, 4, 5}, {.window = 3, .stride = 1, .pad = 1}),
    pooling("max_pool: border left over", {1, 2, 5, 7}, {.window = 2, .stride = 2, .pad = 0}),
    pooling("max_pool: 16 channels", {2, 16, 4, 4}, {.window = 3, .stride = 2, .pad = 1}),
    pooling("max_pool: 32 channels, odd sizes", {2, 32, 7, 5}, {.window = 3, .stride = 2, .pad = 1}),
    pooling("max_pool: pixels between windows", {1, 16, 7, 8}, {.window = 2, .stride = 3, .pad = 0}),
    pooling("max_pool: windows of four, overlapping thrice", {1, 16, 6, 5}, {.window = 4, .stride = 1, .pad = 2}),
    {"strip_energies", {image({2, 3, 4, 5})}, [](In in) { return strip_energies(in[0]); }},
    {"strip_energies: 16 channels", {image({2, 16, 3, 2})}, [](In in) { return strip_energies(in[0]); }},
    {"strip_energies: one pixel", {image({2, 3, 1, 1})}, [](In in) { return strip_energies(in[0]); }},
    subsampling("subsample_pad_channels", {2, 2, 6, 4}, 2, 5),
    subsampling("subsample_pad_channels: odd sizes", {2, 3, 5, 7}, 2, 3),
    subsampling("subsample_pad_channels: stride 1", {2, 3, 2, 3}, 1, 4),
    subsampling("subsample_pad_channels: 16 to 32 channels", {2, 16, 4, 4}, 2, 32),
    subsampling("subsample_pad_channels: 8 to 16 channels", {2, 8, 3, 3}, 2, 16),
};

Rows all_rows() {
  Rows rows;
  for (const Rows& family :
       {unary_rows, binary_rows, sum_rows, shape_rows, row_rows, matrix_rows, conv_rows, batch_norm_rows, image_rows})
    rows.insert(rows.end(), family.begin(), family.end());
  return rows;
}

}  // namespace

const std::vector<OpRow>& op_table() {
  static const Rows rows = all_rows();
  return rows;
}

}  // namespace mneme::test
