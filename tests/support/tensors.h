#pragma once
// Short ways to make tensors for tests with numbers that a reader can check.

#include <vector>

#include "engine/device.h"
#include "engine/tensor.h"

namespace mneme::test {

using Values = std::vector<double>;
constexpr TensorOptions f64_reference{Device::reference, DType::f64, Layout::plain};

inline Tensor f64(const Shape& shape, const Values& values) { return Tensor::from(values, shape, f64_reference); }
inline Tensor row(const Values& values) { return f64({1, static_cast<int64_t>(values.size())}, values); }
inline Tensor i32(const std::vector<int>& values, Device device = Device::reference) {
  return Tensor::from(values, {static_cast<int64_t>(values.size())}, device);
}

/// The devices that this build and machine have.
inline std::vector<Device> devices() {
  std::vector<Device> all;
  for (const Device device : {Device::reference, Device::cpu, Device::cuda})
    if (device_available(device)) all.push_back(device);
  return all;
}

}  // namespace mneme::test
