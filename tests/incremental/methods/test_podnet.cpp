// Tests of PODNet: POD-spatial, NCA as in the paper and as in the released code, and their effect on the network:
// docs/methods/properties.md#less-forget-margin-ranking-and-podnet.

#include <doctest/doctest.h>

#include <cmath>

#include "engine/ops.h"
#include "incremental/losses/features.h"
#include "incremental/losses/prediction.h"
#include "incremental/losses/primitives.h"
#include "incremental/method/objective.h"
#include "tests/incremental/losses/loss_inputs.h"
#include "tests/incremental/losses/loss_table.h"
#include "tests/incremental/methods/method_runs.h"

namespace mneme::test {
namespace {

const Tensor a = f64({1, 1, 2, 2}, {1, 2, 3, 4}), b = f64({1, 1, 2, 2}, {1, 0, 0, 1});

TEST_CASE("POD-spatial by the book: rows and columns together have length one") {
  const Values direction = normalize_rows(strip_energies(a)).values();
  const Values expected = {.1474420, .7372098, .2948839, .5897678};
  for (size_t i = 0; i < 4; ++i) CHECK(direction[i] == doctest::Approx(expected[i]).epsilon(1e-6));
  CHECK(pod_spatial(a, b).item() == near(.48030878206));
  CHECK(pod_spatial(b, a).item() == near(.48030878206));
}

TEST_CASE("POD-spatial by the book with rows and columns apart") {
  CHECK(std::abs(pod_spatial_apart(a, b).item() - .8999327833) < 1e-10);
  CHECK(std::abs(pod_spatial_apart(b, a).item() - .8999327833) < 1e-10);
  CHECK(pod_spatial_apart(a, scale(a, -3)).item() < 1e-15);
  CHECK_THROWS_WITH_AS((void)pod_spatial_apart(a, reshape(b, {1, 2, 2, 1})), doctest::Contains("must be the same"),
                       Error);
}

TEST_CASE("POD-spatial is 0 with gradient 0 where maps agree up to size and sign") {
  Tensor leaf = drawn_tensor("map", {2, 3, 4, 5}).clone();
  leaf.requires_grad();
  const Tensor same = pod_spatial(leaf, leaf.detach());
  CHECK(same.item() == 0);
  backward(same);
  CHECK(leaf.grad().values() == Values(120, 0.0));
  const Tensor x = drawn_tensor("x", {2, 3, 4, 5}), y = drawn_tensor("y", {2, 3, 4, 5});
  CHECK(pod_spatial(scale(x, -7), scale(y, 0.01)).item() == near(pod_spatial(x, y).item()));
  CHECK(pod_spatial(abs(x), y).item() == near(pod_spatial(x, y).item()));
}

TEST_CASE("POD-spatial lies between 0 and the square root of 2, which disjoint maps come to") {
  for (const char* name : {"p", "q", "r"}) {
    const double loss =
        pod_spatial(drawn_tensor(name, {1, 4, 3, 3}), drawn_tensor(std::string(name) + "'", {1, 4, 3, 3})).item();
    CHECK(loss > 0);
    CHECK(loss < std::sqrt(2.0));
  }
  const Tensor first = f64({1, 2, 1, 2}, {1, 2, 0, 0}), second = f64({1, 2, 1, 2}, {0, 0, 3, -1});
  CHECK(pod_spatial(first, second).item() == near(std::sqrt(2.0)));
}

TEST_CASE("POD-spatial does not tell height from width") {
  const auto turned = [](const Tensor& x) {
    const Values v = x.values();
    Values out;
    for (size_t c = 0; c < 3; ++c)
      for (size_t w = 0; w < 5; ++w)
        for (size_t h = 0; h < 4; ++h) out.push_back(v[c * 20 + h * 5 + w]);
    return f64({1, 3, 5, 4}, out);
  };
  const Tensor x = drawn_tensor("x", {1, 3, 4, 5}), y = drawn_tensor("y", {1, 3, 4, 5});
  CHECK(pod_spatial(turned(x), turned(y)).item() == near(pod_spatial(x, y).item()));
}

TEST_CASE("maps of unequal shapes are no pair") {
  CHECK_THROWS_WITH_AS((void)pod_spatial(a, drawn_tensor("x", {1, 1, 2, 3})),
                       "pod_spatial: student (1, 1, 2, 2) and teacher (1, 1, 2, 3) must be the same (N, C, H, W)",
                       Error);
}

TEST_CASE("PODNet's weight grows with the square root of all classes per new class") {
  TaskContext task;
  task.task = 1;
  task.task_sizes = {50, 10};
  CHECK(all_per_new(task) == near(std::sqrt(6.0)));
  CHECK(near(2.4494897428) == all_per_new(task));
}

const Values scores = {-1, -.2, -.7};
const Tensor u = scale(row(scores), 2);  // eta = 2
double written(int label) { return nca(u, i32({label}), f64({1}, {2 * .6})).item(); }
double released(int label) { return nca_as_released(u, i32({label})).item(); }
double entropy(const Tensor& logits, int label) { return cross_entropy(logits, i32({label})).item(); }

TEST_CASE("NCA by the book, as written and as released") {
  CHECK(written(0) == near(3.1132616875));
  CHECK(written(1) == near(.6374879505));
  CHECK(released(0) == near(2.4619948041));
  CHECK(released(1) == near(.4509329080));
  CHECK(entropy(u, 0) == near(2.0509329080));
  CHECK(entropy(u, 1) == near(.4509329080));
}

TEST_CASE("as written a label beyond the margin costs nothing and has no gradient") {
  Tensor leaf = row({6, 0, 1});
  leaf.requires_grad();
  const Tensor loss = nca(leaf, i32({0}), f64({1}, {3}));
  CHECK(loss.item() == 0);
  backward(loss);
  CHECK(leaf.grad().values() == Values(3, 0.0));
  CHECK(nca(row({6, 0, 1}), i32({0}), f64({1}, {5})).item() == near(5 - 6 + std::log(1 + std::exp(1))));
}

TEST_CASE("as released NCA is cross-entropy where the label is likeliest and more than it elsewhere") {
  const Tensor logits = drawn_tensor("logits", {1, 6});
  const Values z = logits.values();
  const auto best = std::max_element(z.begin(), z.end()) - z.begin();
  for (int label = 0; label < 6; ++label) {
    const double loss = nca_as_released(logits, i32({label})).item();
    if (label == best)
      CHECK(loss == near(entropy(logits, label)));
    else
      CHECK(loss > entropy(logits, label));
  }
}

TEST_CASE("both forms stay finite far out and with a single class") {
  for (const Values& far : {Values{1e4, -1e4, 0}, Values{-1e4, 1e4, 1e4}})
    for (int label = 0; label < 3; ++label) {
      const Tensor logits = Tensor::from(far, {1, 3}, {Device::cpu});
      CHECK(std::isfinite(nca_as_released(logits, i32({label}, Device::cpu)).item()));
      CHECK(std::isfinite(nca(logits, i32({label}, Device::cpu), Tensor::full({1}, 1, {Device::cpu})).item()));
    }
  CHECK(nca_as_released(row({3}), i32({0})).item() == near(0));
  CHECK(nca(row({3}), i32({0}), f64({1}, {1})).item() == 0);
}

TEST_CASE("the margin grows with the classifier's scale, and a classifier without one is told so") {
  NetOutput s;
  TaskContext task;
  task.task_sizes = {3};
  s.scores.logits = u;
  CHECK_THROWS_WITH_AS((void)term_loss(*nca_term(.6), task, s, nullptr, i32({0})),
                       "a margin of unscaled scores needs a classifier with a scale: choose cosine or proxies", Error);
  CHECK(term_loss(*nca_term_as_released(), task, s, nullptr, i32({0})).item() == near(released(0)));
  s.scores.scale = f64({1}, {2});
  CHECK(term_loss(*nca_term(.6), task, s, nullptr, i32({0})).item() == near(written(0)));
}

TEST_CASE("the margin does not teach the scale: two scores in the right order can only make it grow") {
  Tensor eta = f64({1}, {2});
  eta.requires_grad();
  NetOutput s;
  s.scores.logits = mul(row({-.5, -.7}), eta);
  s.scores.scale = eta;
  TaskContext task;
  task.task_sizes = {2};
  const Tensor loss = term_loss(*nca_term(.6), task, s, nullptr, i32({0}));
  CHECK(loss.item() == near(2 * (.6 - .2)));
  backward(loss);
  CHECK(eta.grad().item() == near(-.2));
}

TEST_CASE("attention needs one weight per class") {
  NetOutput s, t;
  s.features.maps = t.features.maps = {drawn_tensor("map", {1, 2, 1, 2})};
  s.scores.logits = row({1, 2, 3});
  t.scores.logits = row({1, 2});
  TaskContext task;
  task.task = 1;
  task.task_sizes = {2, 1};
  CHECK_THROWS_WITH_AS((void)term_loss(*attention_distillation(), task, s, &t, {}),
                       doctest::Contains("choose linear or cosine heads"), Error);
}

TEST_CASE("PODNet: old proxies rest in the main round and all learn in the second, where nothing else does") {
  ExperimentOptions o = tiny_options_for("podnet");
  const Finished whole = finish(o);
  o.slots.second_stage = "none";
  const Finished main_alone = finish(o);
  CHECK(without_backbone(changed(main_alone.states[0], main_alone.states[1])) == Names{"heads.1.weight", "scale"});
  CHECK(changed(main_alone.states[0], whole.states[0]).empty());
  CHECK(stages_reported(whole) == Names{"train", "class-balance finetuning"});
  Names moved;
  for (const std::string& name : changed(main_alone.states[1], whole.states[1]))
    if (name.find("running") == std::string::npos) moved.push_back(name);
  CHECK(moved == Names{"heads.0.weight", "heads.1.weight"});
  // Batch norm is in training mode, so its running statistics approach those of balanced batches.
  CHECK(main_alone.states[1].at("bn1.running_mean") != whole.states[1].at("bn1.running_mean"));
  CHECK(whole.result.epochs.back().lr == doctest::Approx(0.05));
  CHECK(whole.result.epochs.size() == 1 + 1 + 20);
}

TEST_CASE("PODNet's knobs change what they are for") {
  ExperimentOptions base = tiny_options_for("podnet");
  base.scenario.base_classes = 3;
  base.slots.second_stage = "none";
  const Finished before = finish(base);
  const auto differs = [&](const std::function<void(MethodOptions&)>& change, bool first_task_too) {
    ExperimentOptions o = base;
    change(o.method_options);
    const Finished after = finish(o);
    CHECK(changed(before.states[0], after.states[0]).empty() == !first_task_too);
    return distance(before.states[1], after.states[1]) > 1e-6;
  };
  CHECK(differs([](MethodOptions& m) { set_option(m, "--lambda", 1); }, false));
  CHECK(differs([](MethodOptions& m) { set_option(m, "--flat-weight", 0); }, false));
  CHECK(differs([](MethodOptions& m) { set_option(m, "--fixed-lambda", true); }, false));
  CHECK(differs([](MethodOptions& m) { set_option(m, "--as-released", true); }, true));
}

TEST_CASE("PODNet's margin decides which images of two classes still matter, and is no part of the released form") {
  ExperimentOptions o = tiny_options_for("podnet");
  o.scenario.stop_after = 1;
  const auto moved_by_margin = [&] {
    set_option(o.method_options, "--delta", 0.6);
    const Finished wide = finish(o);
    set_option(o.method_options, "--delta", 0);
    return distance(wide.states[0], finish(o).states[0]);
  };
  CHECK(moved_by_margin() > 1e-4);
  set_option(o.method_options, "--as-released", true);
  CHECK(moved_by_margin() == 0);
}

TEST_CASE("PODNet with balanced softmax has one round, old proxies resting") {
  const Finished run = finish(tiny_options_for("podnet-balanced"));
  CHECK(stages_reported(run) == Names{"train"});
  CHECK(without_backbone(changed(run.states[0], run.states[1])) == Names{"heads.1.weight", "scale"});
  CHECK(run.result.settings["network"]["signed_blocks"] == true);
  CHECK(run.result.settings["network"]["classifier"] == "proxies");
}

}  // namespace
}  // namespace mneme::test
