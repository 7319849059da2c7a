// Tests of BiC: the stage that corrects the bias, and its effect on the network.

#include <doctest/doctest.h>

#include "incremental/method/stage.h"
#include "incremental/methods/registry.h"
#include "tests/incremental/methods/method_runs.h"
#include "tests/incremental/task_contexts.h"

namespace mneme::test {
namespace {

TEST_CASE("BiC then learns the newest correction and nothing else, on images held out for it") {
  const Stage stage = stages_of(make_method("bic", {}), {}, last_task_of({2, 2}, true)).at(1);
  CHECK(stage.name == "bias correction");
  CHECK(stage.images == StageImages::held_out);
  CHECK(stage.trainable_parts(Part::correction));
  for (const Part part : {Part::backbone, Part::old_classes, Part::new_classes, Part::scale, Part::settled})
    CHECK_FALSE(stage.trainable_parts(part));
  CHECK_FALSE(stage.batch_statistics);
  CHECK_FALSE(stage.validates);
  CHECK(stage.options.augmentation.crop == Crop::none);
  CHECK(stage.options.epochs == 200);
}

TEST_CASE("BiC corrects the newest logits by a line of their own and leaves earlier lines alone") {
  ExperimentOptions o = tiny_options_for("bic");
  o.scenario.tasks = 3;
  const Finished run = finish(o, tiny_data(6, 8, 2));
  const auto number = [&](int task, const char* name) { return run.states[static_cast<size_t>(task)].at(name)[0]; };
  CHECK(number(0, "correction.0.alpha") == 1);
  CHECK(number(0, "correction.0.beta") == 0);
  CHECK(number(1, "correction.1.alpha") != 1);
  CHECK(number(1, "correction.1.beta") != 0);
  CHECK(number(2, "correction.1.alpha") == number(1, "correction.1.alpha"));
  CHECK(number(2, "correction.1.beta") == number(1, "correction.1.beta"));
  CHECK(number(2, "correction.0.alpha") == 1);
  CHECK(number(2, "correction.2.alpha") != 1);
  CHECK(stages_reported(run) == Names{"train", "bias correction", "train", "bias correction"});
}

TEST_CASE("BiC's bias correction leaves the network as the main round left it") {
  ExperimentOptions o = tiny_options_for("bic");
  const Finished with = finish(o);
  set_option(o.method_options, "--bias-epochs", 0);
  const Finished without = finish(o);
  CHECK(changed(without.states[1], with.states[1]) == Names{"correction.1.alpha", "correction.1.beta"});
}

}  // namespace
}  // namespace mneme::test
