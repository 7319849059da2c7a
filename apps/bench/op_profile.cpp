#include "apps/bench/op_profile.h"

#include <fmt/core.h>

#include <string_view>

#include "engine/device.h"

namespace mneme {

std::string kind_of(const OpEvent& e) {
  const std::string_view op = e.op;
  if (e.pass == Pass::gradient_sums) return "sums of gradients";
  if (op.starts_with("conv") && e.inputs.size() >= 2) {
    const Shape &x = e.inputs[0].shape, &w = e.inputs[1].shape;
    const int64_t stride = x[2] / e.output[2];
    return fmt::format("{} {}x{} {}>{} {}x{}{}", op, w[2], w[3], w[1], w[0], x[2], x[3],
                       stride > 1 ? fmt::format(" /{}", stride) : "");
  }
  if (op == "matmul")
    return fmt::format("matmul {}x{}x{}", e.output[0], e.inputs[0].shape.elements() / e.output[0], e.output[1]);
  return std::string(op);
}

void OpProfile::note(const OpEvent& event) {
  backend(device_).synchronize();
  const double seconds = watch_.lap();
  Entry& entry = entries_[kind_of(event)];
  const bool forward = event.pass == Pass::forward;
  entry.calls += forward;
  (forward ? entry.forward : entry.backward) += seconds;
  Cost& cost = forward ? entry.forward_cost : entry.backward_cost;
  cost = cost + cost_of(event);
  watch_.lap();  // starts a new lap, so that the time of this bookkeeping counts for no operation
}

OpCallback OpProfile::callbacks() {
  return [this](const OpEvent& event) { note(event); };
}

void OpProfile::other(const std::string& what) { entries_[what].forward += watch_.lap(); }

void OpProfile::end_step() {
  ++steps_;
  for (auto& [name, e] : entries_) {
    e.forwards.push_back(std::exchange(e.forward, 0));
    e.backwards.push_back(std::exchange(e.backward, 0));
  }
}

std::vector<OpRow> OpProfile::rows() const {
  const double per_step = 1.0 / static_cast<double>(steps_);
  std::vector<OpRow> rows;
  for (const auto& [name, e] : entries_)
    rows.push_back({name, e.calls / steps_, spread_of(e.forwards).median, spread_of(e.backwards).median,
                    per_step * e.forward_cost, per_step * e.backward_cost});
  std::sort(rows.begin(), rows.end(), [](const OpRow& a, const OpRow& b) { return a.seconds() > b.seconds(); });
  return rows;
}

}  // namespace mneme
