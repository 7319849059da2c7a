#pragma once
// What every operation must satisfy besides a right gradient (tests/support/gradcheck.h). Each check returns an empty
// string, or a sentence that names row, input and element. So tests/engine/test_op_checks.cpp can show that the checks
// find faults.

#include <cmath>
#include <memory>

#include "engine/deferred.h"
#include "engine/ops.h"
#include "tests/support/op_row.h"

namespace mneme::test {

/// Fills new tensors with NaN while it is alive.
struct Poison {
  Poison() { poison_new_tensors(true); }
  ~Poison() { poison_new_tensors(false); }
  Poison(const Poison&) = delete;
  Poison& operator=(const Poison&) = delete;
};

/// The first element whose error exceeds `tolerance` times the largest expected number; a NaN always does.
inline std::string difference(const std::vector<double>& got, const std::vector<double>& expected, double tolerance) {
  if (got.size() != expected.size()) return fmt::format("{} elements instead of {}", got.size(), expected.size());
  double largest = 0;
  for (const double e : expected) largest = std::max(largest, std::abs(e));
  for (size_t k = 0; k < expected.size(); ++k)
    if (!(std::abs(got[k] - expected[k]) <= tolerance * largest) && got[k] != expected[k])
      return fmt::format("element {} is {} instead of {}; {:.1e} of the largest", k, got[k], expected[k],
                         std::abs(got[k] - expected[k]) / largest);
  return "";
}

inline std::string difference(const Results& got, const Results& expected, double tolerance) {
  if (!(got.shape == expected.shape))
    return fmt::format("the output is {} instead of {}", got.shape.text(), expected.shape.text());
  if (const std::string fault = difference(got.y, expected.y, tolerance); !fault.empty()) return "output " + fault;
  for (size_t i = 0; i < expected.gradients.size(); ++i)
    if (const std::string fault = difference(got.gradients[i], expected.gradients[i], tolerance); !fault.empty())
      return fmt::format("gradient of input {} {}", i, fault);
  return "";
}

inline std::string named(const OpRow& row, const Setting& setting, const std::string& fault) {
  return fault.empty() ? "" : fmt::format("{} [{}]: {}", row.name, setting.text(), fault);
}

/// Output and gradients must equal those of the reference device in double precision.
inline std::string agreement_fault(const OpRow& row, const Setting& setting, const Results& expected) {
  return named(row, setting, difference(run(row, setting), expected, row.f32_tolerance));
}

/// Tensors that start as NaN must not change any result. So every element is written, and none is read before that.
inline std::string unwritten_fault(const OpRow& row, const Setting& setting) {
  const Results clean = run(row, setting);
  const Poison on;
  return named(row, setting, difference(run(row, setting), clean, 0));
}

/// The gradients of two uses must add up, at leaves and at tensors in between, whichever consumer comes first. The
/// gradients of two calls of backward() must add up at leaves until they are cleared.
inline std::string addition_fault(const OpRow& row, const Setting& setting, double tolerance) {
  const auto doubled = [](Results once) {
    for (auto& gradient : once.gradients)
      for (double& g : gradient) g *= 2;
    return once.gradients;
  };
  const Results once = run(row, setting);
  const auto expected = doubled(once);
  const auto compare = [&](const char* what, const std::vector<Tensor>& inputs,
                           const std::vector<std::vector<double>>& needs_input_grad) -> std::string {
    for (size_t i = 0; i < inputs.size(); ++i)
      if (const std::string fault = difference(gradients_of(inputs)[i], needs_input_grad[i], tolerance); !fault.empty())
        return named(row, setting, fmt::format("{}, gradient of input {} {}", what, i, fault));
    return "";
  };
  std::vector<Tensor> inputs = inputs_of(row, setting);
  const auto clear = [&] {
    for (Tensor& input : inputs) input.set_grad({});
  };
  const auto walk = [&](const Tensor& y) { backward(y, output_gradient(row, y, setting)); };

  walk(add(row.apply(inputs), row.apply(inputs)));
  if (const std::string fault = compare("two uses of a leaf", inputs, expected); !fault.empty()) return fault;
  clear();
  std::vector<Tensor> between = inputs;
  for (Tensor& t : between)
    if (t.needs_grad()) t = scale(t, 1.0);
  walk(add(row.apply(between), row.apply(between)));
  if (const std::string fault = compare("two uses of a computed tensor", inputs, expected); !fault.empty())
    return fault;
  clear();
  walk(row.apply(inputs));
  if (const std::string fault = compare("after clearing", inputs, once.gradients); !fault.empty()) return fault;
  walk(row.apply(inputs));
  return compare("two walks", inputs, expected);
}

/// Each input must get the same gradient if it is the only one that needs one, and the others must then get none.
inline std::string wanted_fault(const OpRow& row, const Setting& setting, double tolerance = 0) {
  const Results all = run(row, setting);
  for (size_t only = 0; only < row.inputs.size(); ++only) {
    if (!row.inputs[only].wants_grad) continue;
    std::vector<Tensor> inputs = inputs_of(row, setting);
    for (size_t i = 0; i < inputs.size(); ++i) inputs[i].requires_grad(i == only);
    const Tensor y = row.apply(inputs);
    backward(y, output_gradient(row, y, setting));
    for (size_t i = 0; i < inputs.size(); ++i) {
      const std::vector<double> expected = i == only ? all.gradients[i] : std::vector<double>{};
      if (const std::string fault = difference(gradients_of(inputs)[i], expected, tolerance); !fault.empty())
        return named(row, setting,
                     fmt::format("only input {} wants a gradient, but that of input {} {}", only, i, fault));
    }
  }
  return "";
}

/// Nothing may stay in memory: the recorded node is freed with its output, whether backward() ran or not, and
/// backward() frees what nodes had saved while the output still exists.
inline std::string leak_fault(const OpRow& row, const Setting& setting) {
  const std::vector<Tensor> inputs = inputs_of(row, setting);
  const auto live = [&] { return backend(setting.device).arena().use().live; };
  const size_t before = live();
  Tensor y = row.apply(inputs);
  std::weak_ptr<Node> step = y.state()->node;
  y = {};
  if (!step.expired()) return named(row, setting, "the recorded step outlives its output: it holds itself");
  if (live() != before) return named(row, setting, fmt::format("{} bytes outlive the output", live() - before));

  y = row.apply(inputs);
  backward(y, output_gradient(row, y, setting));
  size_t kept = Arena::rounded(static_cast<size_t>(y.size()) * bytes_of(y.dtype()));
  if (const Tensor& moments = y.state()->storage->fused_statistics.moments)
    kept += Arena::rounded(static_cast<size_t>(moments.size()) * bytes_of(moments.dtype()));
  for (const Tensor& input : inputs)
    if (input.grad()) kept += Arena::rounded(static_cast<size_t>(input.size()) * bytes_of(input.dtype()));
  if (live() > before + kept)
    return named(row, setting, fmt::format("{} bytes stay saved after the walk", live() - before - kept));
  return "";
}

}  // namespace mneme::test
