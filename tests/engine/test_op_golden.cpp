// Every row of the table compared with PyTorch's stored numbers (tests/golden/make_ops.py).

#include <doctest/doctest.h>

#include <cmath>

#include "tests/engine/op_table.h"
#include "tests/support/golden.h"
#include "tests/support/op_checks.h"

namespace mneme::test {
namespace {

using nlohmann::json;

/// Compares numbers with what packed() of make_ops.py stored; empty if they agree within `tolerance`.
std::string difference_from(const json& stored, const std::string& name, const std::vector<double>& got,
                            double tolerance) {
  if (stored.is_array()) return difference(got, stored.get<std::vector<double>>(), tolerance);
  if (stored["size"] != got.size())
    return fmt::format("{} elements instead of {}", got.size(), stored["size"].get<size_t>());
  std::vector<double> sample;
  for (size_t k = 0; k < got.size(); k += stored["every"].get<size_t>()) sample.push_back(got[k]);
  if (const std::string fault = difference(sample, stored["sample"].get<std::vector<double>>(), tolerance);
      !fault.empty())
    return fmt::format("sampled every {}: {}", stored["every"].get<size_t>(), fault);
  const std::vector<double> weights = drawn_values(name, static_cast<int64_t>(got.size()), Draw::any);
  double dot = 0, scale = 0;
  for (size_t k = 0; k < got.size(); ++k) {
    dot += weights[k] * got[k];
    scale += std::abs(weights[k] * got[k]);
  }
  const double expected = stored["dot"].get<double>();
  if (std::abs(dot - expected) <= tolerance * scale) return "";
  return fmt::format("weighted sum is {} instead of {}", dot, expected);
}

/// Compares shape, output and gradients of a row with the stored ones; empty if they agree.
std::string difference_from(const json& stored, const OpRow& row, const Results& got, double tolerance) {
  Shape shape;
  for (const json& dim : stored["shape"]) shape.append(dim.get<int64_t>());
  if (!(got.shape == shape)) return fmt::format("the output is {} instead of {}", got.shape.text(), shape.text());
  if (const std::string fault = difference_from(stored["y"], row.name + "/check", got.y, tolerance); !fault.empty())
    return "output: " + fault;
  for (size_t i = 0; i < row.inputs.size(); ++i) {
    const json& gradient = stored["gradients"][i];
    if (gradient.is_null() != got.gradients[i].empty() && got.shape.elements() > 0)
      return fmt::format("gradient of input {} exists on one side only", i);
    if (gradient.is_null()) continue;
    const std::string fault =
        difference_from(gradient, fmt::format("{}/check{}", row.name, i), got.gradients[i], tolerance);
    if (!fault.empty()) return fmt::format("gradient of input {}: {}", i, fault);
  }
  return "";
}

std::string inputs_fault(const json& stored, const OpRow& row) {
  if (stored["inputs"].size() != row.inputs.size()) return "another number of inputs";
  for (size_t i = 0; i < row.inputs.size(); ++i) {
    double total = 0;
    for (const double v : values_of(row, i)) total += std::isfinite(v) ? v : 0;
    if (std::abs(total - stored["inputs"][i].get<double>()) > 1e-9)
      return fmt::format("input {} is drawn differently", i);
  }
  return "";
}

TEST_CASE("PyTorch's numbers cover the rows of the table, all of them and no others") {
  CHECK(golden_file("ops.json")["made_by"] == "tests/golden/make_ops.py");
  for (const OpRow& row : op_table())
    CHECK_MESSAGE(golden_file("ops.json")["rows"].contains(row.name), row.name, ": add it to tests/golden/make_ops.py");
  CHECK(golden_file("ops.json")["rows"].size() == op_table().size());
}

TEST_CASE("the table and PyTorch start from the same inputs") {
  for (const OpRow& row : op_table()) {
    const std::string fault = inputs_fault(golden_file("ops.json")["rows"].at(row.name), row);
    CHECK_MESSAGE(fault.empty(), row.name, ": ", fault);
  }
}

TEST_CASE("the reference gives PyTorch's float64 outputs and gradients to twelve digits") {
  for (const OpRow& row : op_table()) {
    const std::string fault = difference_from(golden_file("ops.json")["rows"].at(row.name), row, run(row, exact), 1e-12);
    CHECK_MESSAGE(fault.empty(), row.name, ": ", fault);
  }
}

TEST_CASE("the f32 devices give PyTorch's numbers to each row's tolerance") {
  for (const Device device : {Device::reference, Device::cpu, Device::cuda}) {
    if (!device_available(device)) continue;
    for (const OpRow& row : op_table()) {
      const std::string fault =
          difference_from(golden_file("ops.json")["rows"].at(row.name), row, run(row, {device, DType::f32}), row.f32_tolerance);
      CHECK_MESSAGE(fault.empty(), named(row, {device, DType::f32}, fault));
    }
  }
}

TEST_CASE("a stored number that is off in the tenth digit is noticed, whole or sampled") {
  for (const char* name : {"softmax", "conv2d: 16 to 16 channels"}) {
    const auto row = std::find_if(op_table().begin(), op_table().end(), [&](const OpRow& r) { return r.name == name; });
    const json& stored = golden_file("ops.json")["rows"].at(name);
    Results got = run(*row, exact);
    for (const size_t at : {size_t{0}, got.gradients[0].size() - 2}) {
      const double right = got.gradients[0][at];
      got.gradients[0][at] *= 1 + 1e-9;
      CHECK(!difference_from(stored, *row, got, 1e-12).empty());
      got.gradients[0][at] = right;
    }
  }
}

}  // namespace
}  // namespace mneme::test
