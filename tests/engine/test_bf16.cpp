// bfloat16: its rounding, and feature maps stored in it (Note [Precision] in engine/precision.h).

#include "engine/bf16.h"

#include <doctest/doctest.h>

#include <limits>
#include <set>

#include "engine/cpu/devices.h"
#include "engine/precision.h"
#include "tests/engine/cpu/conv_cases.h"
#include "tests/engine/op_table.h"
#include "tests/support/gpu.h"
#include "tests/support/op_checks.h"
#include "tests/support/switched.h"

namespace mneme::test {
namespace {

uint16_t rounded(float value) { return Bf16(value).bits; }

TEST_CASE("every bf16 number survives the way to float and back") {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float wide = Bf16::of_bits(static_cast<uint16_t>(bits));
    if (std::isnan(wide))
      CHECK(std::isnan(static_cast<float>(Bf16(wide))));
    else
      CHECK(rounded(wide) == bits);
  }
}

TEST_CASE("rounding goes to the nearest, ties to even, beyond the largest to infinity") {
  const float one = 1, step = std::numeric_limits<float>::epsilon() * 65536;  // neighbours above one differ by this
  CHECK(rounded(one) == 0x3F80);
  CHECK(rounded(one + step / 2) == 0x3F80);      // a tie: 0x3F80 is even
  CHECK(rounded(one + 3 * step / 2) == 0x3F82);  // a tie: 0x3F82 is even
  CHECK(rounded(std::nextafter(one + step / 2, 2.0F)) == 0x3F81);
  CHECK(rounded(std::nextafter(one + 3 * step / 2, 1.0F)) == 0x3F81);
  CHECK(rounded(-one - step / 2) == 0xBF80);
  CHECK(rounded(-0.0F) == 0x8000);
  CHECK(rounded(std::numeric_limits<float>::max()) == 0x7F80);
  CHECK(rounded(std::numeric_limits<float>::infinity()) == 0x7F80);
  CHECK(rounded(std::numeric_limits<float>::denorm_min()) == 0);
  CHECK(std::isnan(
      static_cast<float>(Bf16(std::bit_cast<float>(0x7F800001u)))));  // the upper bits alone would mean infinity
}

TEST_CASE("tensors convert to bf16 and back, in any layout, at two bytes a number") {
  const std::vector<double> values = drawn_values("bf16", 2 * 16 * 3, Draw::any);
  const Tensor x = Tensor::from(values, {2, 16, 3, 1}, {Device::reference, DType::f32, Layout::plain});
  const Tensor stored = x.to(DType::bf16, Layout::channels_last);
  CHECK(stored.dtype() == DType::bf16);
  CHECK(stored.layout() == Layout::channels_last);
  CHECK(bytes_of(DType::bf16) == 2);
  const std::vector<double> back = stored.values();
  for (size_t i = 0; i < values.size(); ++i) CHECK(back[i] == static_cast<float>(Bf16(static_cast<float>(values[i]))));
  CHECK(stored.to(DType::f32, Layout::plain).values() == back);
}

/// The operations that are applied to feature maps.
bool takes_bf16(const OpRow& row) {
  static const std::set<std::string> of_maps = {"relu",
                                                "square",
                                                "to_float",
                                                "conv2d",
                                                "batch_norm",
                                                "max_pool",
                                                "global_average_pool",
                                                "subsample_pad_channels"};
  // with two values per channel the gradient consists of rounding errors
  if (row.name == "batch_norm: training, two values per channel") return false;
  return row.name == "add: images" || (of_maps.contains(row.op()) && row.inputs[0].role == Role::image);
}

std::vector<Setting> bf16_settings(const OpRow& row) {
  std::vector<Setting> settings;
  for (const Device device : {Device::reference, Device::cuda}) {
    if (!device_available(device)) continue;
    for (const bool plain_gradient : {false, true})
      settings.push_back({device, DType::bf16, Setting::Images::preferred, plain_gradient});
    if (row.any_layout) settings.push_back({device, DType::bf16, Setting::Images::channels_last});
  }
  return settings;
}

void check_rows() {
  constexpr double some_roundings = 1e-2;
  int rows = 0;
  for (const OpRow& row : op_table()) {
    if (!takes_bf16(row)) continue;
    ++rows;
    OpRow loose = row;
    loose.f32_tolerance = some_roundings;
    const Results expected = run(row, {.rounded = true});
    for (const Setting& setting : bf16_settings(row))
      for (const std::string& fault :
           {agreement_fault(loose, setting, expected), unwritten_fault(row, setting),
            addition_fault(row, setting, some_roundings), wanted_fault(row, setting), leak_fault(row, setting)})
        CHECK_MESSAGE(fault.empty(), fault);
  }
  CHECK(rows > 40);
}

TEST_CASE("operations on maps in bf16 give the exact numbers to a rounding or two, and all else they owe") {
  const Switched maps(set_precision, Precision::bf16, precision());
  check_rows();
}

TEST_CASE("so they do where batch norm, ReLU and sums are deferred and channels come last") {
  const Switched maps(set_precision, Precision::bf16, precision());
  const Switched gpu_ways(let_reference_imitate_gpu, true, false);
  check_rows();
}

TEST_CASE("a convolution rounds images and weights, and answers f32 with f32 gradients") {
  const ConvShape s{2, 3, 7, 5, 8, 3, 3, 2, 1};
  const ConvInputs in(s);
  for (const Device device : {Device::reference, Device::cuda}) {
    if (!device_available(device)) continue;
    const Switched maps(set_precision, Precision::bf16, precision());
    const Tensor x = Tensor::from(in.x, in.x_shape, {device}).requires_grad(),
                 w = Tensor::from(in.w, in.w_shape, {device}).requires_grad();
    const Tensor y = conv2d(x, w, {s.stride, s.pad});
    CHECK(y.dtype() == DType::bf16);
    backward(y, Tensor::from(in.dy, in.y_shape, {device}).to(DType::bf16));
    CHECK(x.grad().dtype() == DType::f32);
    CHECK(w.grad().dtype() == DType::f32);
    const ConvResults exact = reference_results(s, in, DType::f64);
    for (const auto& [got, expected] : {std::pair{y, exact.y}, {x.grad(), exact.dx}, {w.grad(), exact.dw}}) {
      CHECK(distance(got.values(), expected) < 1e-2);
      CHECK(distance(got.values(), expected) > 1e-4);  // shows that it was rounded
    }
  }
}

TEST_CASE("devices that know no bf16 compute in f32 whatever is chosen") {
  const Switched maps(set_precision, Precision::bf16, precision());
  const Tensor x = Tensor::full({1, 3, 4, 4}, 0.1, {Device::cpu}), w = Tensor::full({16, 3, 3, 3}, 0.1, {Device::cpu});
  CHECK(conv2d(x, w, {1, 1}).dtype() == DType::f32);
}

TEST_CASE("operations that are not for maps refuse bf16 by name") {
  const Tensor x = Tensor::zeros({2, 3}, {Device::reference, DType::bf16});
  CHECK_THROWS_WITH((void)softmax(x), "this operation needs real numbers (f32 or f64), got bf16");
  CHECK_THROWS_WITH((void)add(x, Tensor::zeros({2, 3}, {Device::reference})),
                    "add: cannot mix reference bf16 with reference f32; convert one with to()");
}

}  // namespace
}  // namespace mneme::test
