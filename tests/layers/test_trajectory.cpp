// Twenty training steps of ResNet-32 compared with PyTorch's (tests/golden/make_resnet_trajectory.py): same weights,
// same batches, SGD with momentum and weight decay.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "engine/base/parallel.h"
#include "engine/cpu/devices.h"
#include "engine/ops.h"
#include "engine/precision.h"
#include "optim/sgd.h"
#include "tests/support/golden.h"
#include "tests/support/resnet_formula.h"
#include "tests/support/switched.h"

namespace mneme::test {
namespace {

using nlohmann::json;

using Norms = std::map<std::string, double>;

double norm(const Tensor& t) {
  double squares = 0;
  for (const double v : t.values()) squares += v * v;
  return std::sqrt(squares);
}

/// The result of a run; the stored file has the same fields.
struct Trajectory {
  Values losses, first_logits;
  Norms first_gradient_norms, final_norms;
  std::map<std::string, Values> first_gradients;
  std::map<std::string, Values> final_state;
};

class Training {
 public:
  Training(Device device, DType type)
      : settings_(golden_file("resnet_trajectory.json")["settings"]),
        tensor_options_{device, type, Layout::plain},
        net_(resnet(device, type, {settings_["classes"]}, fmt::format("resnet{}", settings_["depth"].get<int>()))) {
    set_formula_state(*net_, false);
  }

  Trajectory run(int steps) {
    ParameterBlock block(*net_, [](const std::string&) { return true; });
    Sgd sgd(block, {.momentum = settings_["momentum"], .weight_decay = settings_["weight_decay"]});
    for (int step = 0; step < steps; ++step) {
      block.clear_gradients();
      const Tensor logits = forward_and_backward(step);
      if (step == 0) {
        out_.first_logits = logits.values();
        out_.first_gradient_norms = norms(StateKind::parameter, [](const Tensor& t) { return t.grad(); });
        net_->each_state("", [&](const std::string& name, Tensor& tensor, StateKind kind) {
          if (kind == StateKind::parameter) out_.first_gradients[name] = tensor.grad().values();
        });
      }
      sgd.step(settings_["lr"]);
    }
    out_.final_norms = norms(StateKind::buffer, [](const Tensor& t) { return t; });
    for (const auto& [name, tensor] : named_state(*net_)) out_.final_state[name] = tensor.values();
    return out_;
  }

 private:
  Tensor forward_and_backward(int step) {
    const FormulaBatch batch =
        formula_batch(step, settings_["images"], settings_["side"], settings_["classes"], tensor_options_);
    const Tensor logits = net_->forward(batch.images, training_mode).scores.logits;
    const Tensor loss = mean(softmax_cross_entropy(logits, batch.labels));
    backward(loss);
    out_.losses.push_back(loss.item());
    return logits;
  }

  /// The norms of parameters and, for StateKind::buffer, of running statistics too.
  template <class Pick>
  Norms norms(StateKind widest, const Pick& pick) {
    Norms all;
    net_->each_state("", [&](const std::string& name, Tensor& tensor, StateKind kind) {
      if (kind == StateKind::parameter || widest == StateKind::buffer) all[name] = norm(pick(tensor));
    });
    return all;
  }

  const json settings_;
  TensorOptions tensor_options_;
  std::unique_ptr<IncrementalNet> net_;
  Trajectory out_;
};

double largest_distance(const Values& a, const Values& b) {
  REQUIRE(a.size() == b.size());
  double most = 0;
  for (size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

/// Every norm must lie within `tolerance` of the stored one, relative to it.
void check_norms(const Norms& got, const json& stored, double tolerance) {
  CHECK(got.size() == stored.size());
  for (const auto& [name, value] : got) {
    const double expected = stored.at(name).get<double>();
    CHECK_MESSAGE(std::abs(value - expected) <= tolerance * expected, name, " has norm ", value, " instead of ",
                  expected);
  }
}

TEST_CASE("in float64 twenty steps of ResNet-32 follow PyTorch's losses, gradients and weights") {
  const Trajectory ours = Training(Device::reference, DType::f64).run(golden_file("resnet_trajectory.json")["settings"]["steps"]);
  const Values expected = golden_file("resnet_trajectory.json")["losses"].get<Values>();
  REQUIRE(ours.losses.size() == expected.size());
  // The promise is one part in a million. Differences here come from the order of summation only, so faults show.
  for (size_t i = 0; i < expected.size(); ++i) CHECK(std::abs(ours.losses[i] - expected[i]) <= 1e-10 * expected[i]);
  CHECK(largest_distance(ours.first_logits, golden_file("resnet_trajectory.json")["first_logits"].get<Values>()) < 1e-12);
  check_norms(ours.first_gradient_norms, golden_file("resnet_trajectory.json")["first_gradient_norms"], 1e-11);
  check_norms(ours.final_norms, golden_file("resnet_trajectory.json")["final_norms"], 1e-9);
}

TEST_CASE("so do the first five where sums are deferred and channels come last, as a GPU has it") {
  const Switched gpu_ways(let_reference_imitate_gpu, true, false);
  const Trajectory ours = Training(Device::reference, DType::f64).run(5);
  const Values expected = golden_file("resnet_trajectory.json")["losses"].get<Values>();
  for (size_t i = 0; i < 5; ++i) CHECK(std::abs(ours.losses[i] - expected[i]) <= 1e-10 * expected[i]);
  check_norms(ours.first_gradient_norms, golden_file("resnet_trajectory.json")["first_gradient_norms"], 1e-11);
}

/// The mean over all tensors of ||a - b|| / ||b||.
double mean_distance(const std::map<std::string, Values>& a, const std::map<std::string, Values>& b) {
  REQUIRE(a.size() == b.size());
  double total = 0;
  for (const auto& [name, expected] : b) {
    const Values& got = a.at(name);
    double apart = 0, squares = 0;
    for (size_t i = 0; i < expected.size(); ++i) {
      apart += (got[i] - expected[i]) * (got[i] - expected[i]);
      squares += expected[i] * expected[i];
    }
    total += std::sqrt(apart / squares);
  }
  return total / static_cast<double>(b.size());
}

TEST_CASE("with feature maps in bf16 the first steps stay as near float64 as PyTorch's under autocast do") {
  const json autocast = golden_file("resnet_bf16.json");
  const int steps = autocast["steps"];
  const Trajectory exact = Training(Device::reference, DType::f64).run(steps);
  const Values allowed = autocast["loss_distance"].get<Values>();
  const Switched maps(set_precision, Precision::bf16, precision());
  for (const bool deferred : {false, true}) {
    CAPTURE(deferred);
    const Switched gpu_ways(let_reference_imitate_gpu, deferred, false);
    const Trajectory ours = Training(Device::reference, DType::f32).run(steps);
    CHECK(largest_distance(ours.losses, exact.losses) <= 2 * *std::max_element(allowed.begin(), allowed.end()));
    CHECK(largest_distance(ours.first_logits, exact.first_logits) <= 2 * autocast["logits_distance"].get<double>());
    const double gradients = mean_distance(ours.first_gradients, exact.first_gradients);
    CHECK(gradients <= 1.25 * autocast["gradient_distance"].get<double>());
    CHECK(gradients > 0.1 * autocast["gradient_distance"].get<double>());  // shows that bf16 was used
  }
}

TEST_CASE("in float32 the first step is PyTorch's, and twenty stay as near float64 as PyTorch's own float32 does") {
  const Values exact = golden_file("resnet_trajectory.json")["losses"].get<Values>();
  double theirs = 0;
  for (const json& losses : golden_file("resnet_trajectory.json")["float32_losses"])
    theirs = std::max(theirs, largest_distance(losses.get<Values>(), exact));
  for (const Device device : {Device::cpu, Device::cuda}) {
    if (!device_available(device)) continue;
    const Trajectory ours = Training(device, DType::f32).run(golden_file("resnet_trajectory.json")["settings"]["steps"]);
    const double distance = largest_distance(ours.losses, exact);
    MESSAGE(std::string(name_of(device)), ": largest distance of a loss from float64: ours ", distance,
            ", PyTorch's float32 ", theirs);
    CHECK(std::abs(ours.losses[0] - exact[0]) <= 1e-5);
    CHECK(largest_distance(ours.first_logits, golden_file("resnet_trajectory.json")["first_logits"].get<Values>()) <= 1e-5);
    check_norms(ours.first_gradient_norms, golden_file("resnet_trajectory.json")["first_gradient_norms"], 1e-4);
    CHECK(distance <= 4 * theirs);
  }
}

TEST_CASE("fifty steps leave the same weights to the bit with 1, 2 and 4 threads") {
  const int before = threads();
  std::vector<Trajectory> runs;
  for (const int count : {1, 2, 4}) {
    set_threads(count);
    runs.push_back(Training(Device::cpu, DType::f32).run(50));
  }
  set_threads(before);
  for (const Trajectory& other : runs) {
    CHECK(other.losses == runs.front().losses);
    CHECK((other.final_state == runs.front().final_state));
  }
}

}  // namespace
}  // namespace mneme::test
