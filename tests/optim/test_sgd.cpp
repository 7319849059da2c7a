#include "optim/sgd.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "tests/support/formula.h"
#include "tests/support/golden.h"

using namespace mneme;

namespace {

/// A module that consists of one vector.
struct Vector : Module {
  Tensor values;
  Vector(const std::vector<double>& v, TensorOptions tensor_options)
      : values(Tensor::from(v, {static_cast<int64_t>(v.size())}, tensor_options)) {}
  void each_state(const std::string& at, const Visit& visit) override {
    visit(join(at, "values"), values, StateKind::parameter);
  }
};

constexpr TensorOptions f64{Device::reference, DType::f64, Layout::plain};

struct Training {
  Vector vector;
  ParameterBlock block;
  Sgd sgd;

  Training(const std::vector<double>& start, SgdOptions options, TensorOptions tensor_options = f64)
      : vector(start, tensor_options), block(vector, [](const std::string&) { return true; }), sgd(block, options) {}

  void set_gradients(const std::vector<double>& gradient) {
    Tensor into = block.gradients();
    into.copy_from(Tensor::from(gradient, into.shape(), vector.values.options()));
  }
  void step(const std::vector<double>& gradient, double rate, double clip = 0) {
    set_gradients(gradient);
    const Tensor factor = Tensor::full({}, 1, vector.values.options());
    if (clip > 0) clip_scale(block.gradient_squares(), clip, factor);
    sgd.step(Tensor::full({}, rate, factor.options()), factor);
  }
};

SgdOptions options_of(const nlohmann::json& row) {
  return {.momentum = row["momentum"], .weight_decay = row["weight_decay"], .nesterov = row["nesterov"]};
}

void check_rows(TensorOptions tensor_options, double tolerance) {
  for (const auto& row : test::golden_file("sgd.json")["rows"]) {
    CAPTURE(row.dump());
    Training training(test::drawn_values("sgd/values", 7, test::Draw::any), options_of(row), tensor_options);
    for (size_t step = 0; step < 4; ++step) {
      training.step(test::drawn_values("sgd/gradients" + std::to_string(step), 7, test::Draw::any),
                    test::golden_file("sgd.json")["rates"][step], row["clip"]);
      const auto expected = row["values"][step].get<std::vector<double>>();
      for (size_t i = 0; i < 7; ++i) CHECK(std::abs(training.vector.values.values()[i] - expected[i]) < tolerance);
    }
  }
}

}  // namespace

TEST_CASE("every step is PyTorch's: momentum, Nesterov, weight decay, clipping, changing rates") {
  check_rows(f64, 1e-13);
}

TEST_CASE("every device steps like PyTorch in single precision") {
  check_rows({Device::reference, DType::f32, Layout::plain}, 2e-6);
  check_rows({Device::cpu, DType::f32, Layout::plain}, 2e-6);
}

TEST_CASE("two steps with momentum by hand") {
  Training training({1, -2}, {.momentum = 0.5});
  training.step({2, 4}, 0.1);
  CHECK(training.vector.values.values() == std::vector<double>{1 - 0.2, -2 - 0.4});
  training.step({2, 4}, 0.1);  // v = 0.5 g + g
  CHECK(training.vector.values.values()[0] == doctest::Approx(0.8 - 0.3).epsilon(1e-15));
  CHECK(training.vector.values.values()[1] == doctest::Approx(-2.4 - 0.6).epsilon(1e-15));
  CHECK(training.sgd.velocity().values() == std::vector<double>{3, 6});
}

TEST_CASE("without momentum there is no velocity, and Nesterov changes nothing") {
  Training plain({1, -2}, {.weight_decay = 0.1}), nesterov({1, -2}, {.weight_decay = 0.1, .nesterov = true});
  CHECK_FALSE(plain.sgd.velocity().defined());
  plain.step({2, 4}, 0.1);
  nesterov.step({2, 4}, 0.1);
  CHECK(plain.vector.values.values() == nesterov.vector.values.values());
}

TEST_CASE("a rate of zero leaves values alone but remembers the gradient") {
  Training training({1}, {.momentum = 0.9});
  training.step({5}, 0);
  CHECK(training.vector.values.item() == 1);
  training.step({0}, 1);
  CHECK(training.vector.values.item() == doctest::Approx(1 - 4.5));
}

TEST_CASE("clipping scales a long gradient down to the limit and leaves a short one alone") {
  CHECK(clip_scale(5, 10) == 1);
  CHECK(clip_scale(0, 10) == 1);
  CHECK(clip_scale(20, 10) == doctest::Approx(0.5).epsilon(1e-6));
  CHECK(clip_scale(20, 10) == 10 / (20 + 1e-6));
}

TEST_CASE("the same factor is found where the gradient is, and 1 for a gradient that is no number") {
  for (const double norm : {0.0, 5.0, 20.0, std::numeric_limits<double>::quiet_NaN()}) {
    const Tensor factor = Tensor::zeros({}, f64);
    clip_scale(Tensor::full({}, norm * norm, f64), 10, factor);
    CHECK(factor.item() == clip_scale(norm, 10));
  }
  CHECK(clip_scale(std::numeric_limits<double>::quiet_NaN(), 10) == 1);
}

TEST_CASE("rate and scale may be read from tensors, and a loss that is no finite number stops the step") {
  Training by_numbers({1, -2}, {.momentum = 0.9, .weight_decay = 0.1});
  Training by_tensors({1, -2}, {.momentum = 0.9, .weight_decay = 0.1});
  const Tensor rate = Tensor::full({}, 0.1, f64), scale = Tensor::full({}, 0.5, f64);
  for (const double loss : {1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                            -std::numeric_limits<double>::infinity(), 0.0}) {
    const bool finite = std::isfinite(loss);
    by_tensors.set_gradients({finite ? 3.0 : loss, 4});
    by_tensors.sgd.step(rate, scale, Tensor::full({}, loss, f64));
    by_numbers.set_gradients({3, 4});
    if (finite) by_numbers.sgd.step(0.1, 0.5);
    CHECK(by_tensors.vector.values.values() == by_numbers.vector.values.values());
    CHECK(by_tensors.sgd.velocity().values() == by_numbers.sgd.velocity().values());
  }
}

TEST_CASE("a step over a large block is the same for any number of threads") {
  const std::vector<double> start = test::drawn_values("large", 70000, test::Draw::any),
                            gradient = test::drawn_values("gradient", 70000, test::Draw::any);
  const int before = threads();
  std::vector<std::vector<float>> results;
  for (const int count : {1, 3}) {
    set_threads(count);
    Training training(start, {.momentum = 0.9, .weight_decay = 1e-3}, {Device::cpu, DType::f32, Layout::plain});
    training.step(gradient, 0.1, 0.5);
    training.step(gradient, 0.1, 0.5);
    results.push_back(training.vector.values.floats());
  }
  set_threads(before);
  CHECK(results[0] == results[1]);
}

TEST_CASE("a saved velocity goes on; one of another size, or none where there should be one, is refused") {
  Training whole({1, 2}, {.momentum = 0.9}), resumed({1, 2}, {.momentum = 0.9}), plain({1, 2}, {});
  whole.step({3, -1}, 0.1);
  whole.step({0, 0}, 0);
  resumed.sgd.restore(whole.sgd.velocity());
  whole.step({1, 1}, 1);
  resumed.step({1, 1}, 1);
  CHECK(resumed.sgd.velocity().values() == whole.sgd.velocity().values());
  CHECK_THROWS_AS(resumed.sgd.restore(Tensor()), Error);
  CHECK_THROWS_AS(resumed.sgd.restore(Tensor::zeros({3}, whole.sgd.velocity().options())), Error);
  CHECK_THROWS_AS(plain.sgd.restore(whole.sgd.velocity()), Error);
  CHECK_NOTHROW(plain.sgd.restore(Tensor()));
}

TEST_CASE("another optimiser's momentum is taken over by name, as a copy, where sizes agree") {
  Training before({1, 2}, {.momentum = 0.9}), after({5, 6}, {.momentum = 0.9}), longer({1, 2, 3}, {.momentum = 0.9}),
      plain({1, 2}, {});
  before.step({3, -1}, 0.1);
  const NamedMomentum kept = before.sgd.momentum();
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].first == "values");
  before.step({1, 1}, 0.1);
  CHECK(kept[0].second.values() == std::vector<double>{3, -1});
  after.sgd.take_over(kept);
  CHECK(after.sgd.velocity().values() == std::vector<double>{3, -1});
  after.sgd.take_over({{"others", Tensor::from(std::vector<double>{7, 7}, {2}, f64)}});
  longer.sgd.take_over(kept);
  CHECK(after.sgd.velocity().values() == std::vector<double>{3, -1});
  CHECK(longer.sgd.velocity().values() == std::vector<double>{0, 0, 0});
  CHECK(plain.sgd.momentum().empty());
  CHECK_NOTHROW(plain.sgd.take_over(kept));
}

TEST_CASE("momentum outside [0, 1) and negative weight decay are refused") {
  for (const double momentum : {-0.1, 1.0, 2.0, std::nan("")})
    CHECK_THROWS_AS(Training({1}, {.momentum = momentum}), Error);
  for (const double decay : {-1e-4, std::nan("")}) CHECK_THROWS_AS(Training({1}, {.weight_decay = decay}), Error);
}
