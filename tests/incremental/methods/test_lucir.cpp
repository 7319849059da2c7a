// Tests of LUCIR: its terms (docs/methods/lucir.md#loss), its stages, and their effect on the network.

#include <doctest/doctest.h>

#include <cmath>

#include "engine/ops.h"
#include "incremental/losses/features.h"
#include "incremental/losses/prediction.h"
#include "incremental/losses/primitives.h"
#include "incremental/method/stage.h"
#include "incremental/methods/registry.h"
#include "tests/incremental/losses/loss_inputs.h"
#include "tests/incremental/losses/loss_table.h"
#include "tests/incremental/methods/method_runs.h"
#include "tests/incremental/task_contexts.h"

namespace mneme::test {
namespace {

TEST_CASE("less-forget by the book, and blind to the lengths of features") {
  const Tensor f = f64({2, 2}, {1, 2, 3, -1}), fh = f64({2, 2}, {2, 1, 3, 1});
  CHECK(cosine_distance(f, fh).item() == near(0.2));
  CHECK(cosine_distance(scale(f, 7), scale(fh, 0.01)).item() == near(0.2));
  CHECK(cosine_distance(f, f).item() == near(0));
  CHECK(cosine_distance(f, scale(f, -1)).item() == near(2));
}

TEST_CASE("margin ranking by the book") {
  const Tensor s = f64({2, 5}, {.3, .1, .2, .05, -.1, 0, .6, .4, .5, .45});
  CHECK(margin_ranking(s, i32({0, 1}), 2, 0.5, 2).item() == near(0.35));
}

TEST_CASE("margin ranking asks images of old classes alone, and is 0 with no gradient where there is none") {
  const Tensor s = f64({3, 4}, {.3, .1, .2, .25, 0, .6, .4, .5, .9, .8, -.5, .1});
  const double of_two = margin_ranking(s, i32({0, 1, 3}), 2, 0.5, 2).item();
  CHECK(of_two == near(((.5 - .3 + .25) + (.5 - .3 + .2) + (.5 - .6 + .5) + (.5 - .6 + .4)) / 4));
  Tensor leaf = s.clone();
  leaf.requires_grad();
  const Tensor none = margin_ranking(leaf, i32({2, 3, 3}), 2, 0.5, 2);
  CHECK(none.item() == 0);
  backward(none);
  CHECK(leaf.grad().values() == Values(12, 0.0));
}

TEST_CASE("where a task brings fewer classes than the margin looks at, it looks at those") {
  const Tensor s = f64({1, 3}, {.3, .1, .4});
  CHECK(margin_ranking(s, i32({0}), 2, 0.5, 2).item() == near(.5 - .3 + .4));
}

TEST_CASE("LUCIR's weight grows with the square root of old classes per new class") {
  CHECK(old_per_new(last_task_of({50, 10}, true)) == near(std::sqrt(5.0)));
  CHECK(old_per_new(last_task_of({90, 10}, true)) == near(3));
  Objective objective;
  objective.distillation = {{"LF", 2, less_forget(), old_per_new}};
  NetOutput s, t;
  s.features.pooled = row({1, 2});
  t.features.pooled = row({2, 1});
  const TaskContext task = last_task_of({8, 2}, true);
  CHECK(objective.loss({s, &t, i32({0}), task}).item() == near(2 * 2 * (1 - 0.8)));
}

TEST_CASE("LUCIR warms up on cosines of the newest head, whatever the scale") {
  NetOutput s;
  s.scores.cosines = row({.9, -.2, .3, .1});
  s.scores.logits = scale(s.scores.cosines, 40);
  const TaskContext task = last_task_of({2, 2}, false);
  CHECK(term_loss(*current_cross_entropy_of_cosines(), task, s, nullptr, i32({3})).item() ==
        near(cross_entropy(row({.3, .1}), i32({1})).item()));
}

TEST_CASE("LUCIR's class-balance finetuning is an option, moves class weights alone, and leaves batch norm as it is") {
  CHECK(stages_of(make_method("lucir", {}), {}, last_task_of({2, 2}, true)).size() == 1);
  MethodOptions options;
  set_option(options, "--balanced-epochs", 20);
  const Stage stage = stages_of(make_method("lucir", options), {}, last_task_of({2, 2}, true)).at(1);
  CHECK(stage.options.epochs == 20);
  CHECK(stage.options.learning_rate == 0.01);
  CHECK(stage.trainable_parts(Part::old_classes));
  CHECK(stage.trainable_parts(Part::new_classes));
  CHECK_FALSE(stage.trainable_parts(Part::backbone));
  CHECK_FALSE(stage.trainable_parts(Part::scale));
  CHECK_FALSE(stage.batch_statistics);
}

TEST_CASE("LUCIR: old class weights rest, with exemplars too, the scale learns; without less-forget all learn") {
  const Finished run = finish(tiny_options_for("lucir"));
  CHECK(run.states[0].contains("scale"));
  CHECK_FALSE(run.states[0].contains("heads.0.bias"));
  CHECK(without_backbone(changed(run.states[0], run.states[1])) == Names{"heads.1.weight", "scale"});
  ExperimentOptions o = tiny_options_for("lucir");
  set_option(o.method_options, "--remove-less-forget", true);
  const Finished free = finish(o);
  CHECK(without_backbone(changed(free.states[0], free.states[1])) ==
        Names{"heads.0.weight", "heads.1.weight", "scale"});
}

TEST_CASE("each variant of LUCIR is a method of its own, and so are the released forms") {
  std::vector<Finished> runs;
  for (const char* variant : {"", "-s", "-sr", "-br", "-br2", "-bsr"})
    runs.push_back(finish(tiny_options_for(std::string("lucir") + variant)));
  for (const char* variant : {"-br2", "-bsr"}) {
    ExperimentOptions o = tiny_options_for(std::string("lucir") + variant);
    set_option(o.method_options, "--as-released", true);
    runs.push_back(finish(o));
  }
  for (size_t i = 0; i < runs.size(); ++i)
    for (size_t k = 0; k < i; ++k) CHECK(distance(runs[i].states[1], runs[k].states[1]) > 1e-6);
  for (const char* variant : {"-s", "-br"}) {
    ExperimentOptions o = tiny_options_for(std::string("lucir") + variant);
    set_option(o.method_options, "--as-released", true);
    CHECK(refusal(o) == std::string("lucir") + variant + " was never released: leave out --as-released");
  }
}

TEST_CASE("LUCIR's knobs change the second task and leave the first alone") {
  const Finished plain = finish(tiny_options_for("lucir"));
  const auto differs = [&](const std::function<void(MethodOptions&)>& change) {
    ExperimentOptions o = tiny_options_for("lucir");
    o.scenario.base_classes = 3;
    const Finished before = finish(o);
    change(o.method_options);
    const Finished after = finish(o);
    CHECK(changed(before.states[0], after.states[0]).empty());
    return distance(before.states[1], after.states[1]) > 1e-6;
  };
  CHECK(differs([](MethodOptions& m) { set_option(m, "--lambda", 1); }));
  CHECK(differs([](MethodOptions& m) { set_option(m, "--margin-weight", 0); }));
  CHECK(differs([](MethodOptions& m) { set_option(m, "--margin", 0); }));
  CHECK(differs([](MethodOptions& m) { set_option(m, "--fixed-lambda", true); }));
  CHECK(differs([](MethodOptions& m) { set_option(m, "--imprint", true); }));
}

TEST_CASE("class-balance finetuning moves class weights and nothing else") {
  ExperimentOptions o = tiny_options_for("lucir");
  const Finished before = finish(o);
  set_option(o.method_options, "--balanced-epochs", 2);
  const Finished after = finish(o);
  CHECK(changed(before.states[0], after.states[0]).empty());
  CHECK(changed(before.states[1], after.states[1]) == Names{"heads.0.weight", "heads.1.weight"});
  CHECK(stages_reported(after) == Names{"train", "class-balance finetuning"});
}

}  // namespace
}  // namespace mneme::test
