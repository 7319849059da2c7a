#pragma once
// One row of the table of operations (tests/engine/op_table.h): how its inputs are made and how the operation is
// applied to them; and the results of running a row on a device.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/autograd.h"
#include "engine/bf16.h"
#include "engine/device.h"
#include "tests/support/formula.h"

namespace mneme::test {

enum class Role {
  image,    ///< an image (N, C, H, W), in the layout that the setting asks for
  numbers,  ///< any other real input, always in the plain layout
  indices   ///< integers (i32): labels, rows or columns
};

struct Input {
  Shape shape;
  Role role = Role::numbers;
  Draw draw = Draw::any;
  std::vector<double> given;  ///< values that are used instead of drawn ones
  bool wants_grad = true;
};

inline Input numbers(const Shape& shape, Draw draw = Draw::any) { return {shape, Role::numbers, draw, {}, true}; }
inline Input image(const Shape& shape, Draw draw = Draw::any) { return {shape, Role::image, draw, {}, true}; }
inline Input given(const Shape& shape, std::vector<double> values) {
  return {shape, Role::numbers, Draw::any, std::move(values), true};
}
inline Input indices(const Shape& shape, std::vector<double> values) {
  return {shape, Role::indices, Draw::any, std::move(values), false};
}
inline Input indices(std::vector<double> values) {
  const Shape shape{static_cast<int64_t>(values.size())};
  return indices(shape, std::move(values));
}
inline Input constant(Input input) {
  input.wants_grad = false;
  return input;
}

using Apply = std::function<Tensor(const std::vector<Tensor>&)>;

struct OpRow {
  std::string name;  ///< "function: what is special", where the function is one of engine/ops.h
  std::vector<Input> inputs;
  Apply apply;
  /// The largest allowed error of f32 devices, relative to the largest number of each result.
  double f32_tolerance = 1e-6;
  bool any_layout = true;  ///< false if images must be in a layout that the device's own library accepts

  std::string op() const { return name.substr(0, name.find(':')); }
};

/// The device, the type and the layout in which a row runs.
struct Setting {
  enum class Images { preferred, plain, channels_last };
  Device device = Device::reference;
  DType dtype = DType::f64;
  Images images = Images::preferred;
  /// The gradient of the output comes in the plain layout, whatever the layout of the output.
  bool plain_gradient = false;
  bool rounded = false;  ///< images hold only numbers that bf16 can represent, whatever their stored type

  Layout layout_for(const Input& input) const {
    if (input.role != Role::image || input.shape.rank() != 4 || images == Images::plain) return Layout::plain;
    return images == Images::channels_last ? Layout::channels_last : backend(device).feature_layout(input.shape[1]);
  }
  std::string text() const {
    constexpr const char* layouts[] = {"preferred layout", "plain layout", "channels last"};
    return fmt::format("{} {}, {}{}", name_of(device), name_of(dtype), layouts[static_cast<int>(images)],
                       plain_gradient ? ", plain gradient" : "");
  }
};

constexpr Setting exact{};

inline std::vector<double> values_of(const OpRow& row, size_t i) {
  const Input& input = row.inputs[i];
  if (!input.given.empty()) return input.given;
  return drawn_values(row.name + "/" + std::to_string(i), input.shape.elements(), input.draw);
}

/// Feature maps are bf16 where a setting says so. Other inputs have the type in which bf16 is computed.
inline DType type_of(const Input& input, const Setting& setting) {
  if (input.role == Role::indices) return DType::i32;
  return input.role == Role::image ? setting.dtype : arithmetic_of(setting.dtype);
}

inline std::vector<Tensor> inputs_of(const OpRow& row, const Setting& setting) {
  std::vector<Tensor> inputs;
  for (size_t i = 0; i < row.inputs.size(); ++i) {
    const Input& input = row.inputs[i];
    std::vector<double> values = values_of(row, i);
    if (setting.rounded && input.role == Role::image)
      for (double& v : values) v = Bf16(static_cast<float>(v));
    const TensorOptions tensor_options{setting.device, type_of(input, setting), setting.layout_for(input)};
    inputs.push_back(Tensor::from(values, input.shape, tensor_options));
    inputs.back().requires_grad(input.wants_grad);
  }
  return inputs;
}

/// The weights in the sum over a row's output. A plain sum would not notice a softmax whose backward pass returns zero.
inline std::vector<double> output_weights(const OpRow& row, int64_t count) {
  return drawn_values(row.name + "/dy", count, Draw::any);
}

/// The gradient from which backward() starts.
inline Tensor output_gradient(const OpRow& row, const Tensor& y, const Setting& setting) {
  TensorOptions tensor_options = y.options();
  if (setting.plain_gradient) tensor_options.layout = Layout::plain;
  return Tensor::from(output_weights(row, y.size()), y.shape(), tensor_options);
}

/// Everything that a row computes, in N, C, H, W order. A gradient that did not arrive is empty.
struct Results {
  Shape shape;
  std::vector<double> y;
  std::vector<std::vector<double>> gradients;  // one gradient for each input
  bool operator==(const Results&) const = default;
};

inline std::vector<std::vector<double>> gradients_of(const std::vector<Tensor>& inputs) {
  std::vector<std::vector<double>> gradients;
  for (const Tensor& input : inputs) gradients.push_back(input.grad() ? input.grad().values() : std::vector<double>{});
  return gradients;
}

inline Results run(const OpRow& row, const Setting& setting) {
  const std::vector<Tensor> inputs = inputs_of(row, setting);
  const Tensor y = row.apply(inputs);
  backward(y, output_gradient(row, y, setting));
  return {y.shape(), y.values(), gradients_of(inputs)};
}

}  // namespace mneme::test
