// What the methods of FACIL and "Rethinking softmax" do to a network, seen from outside.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

using Names = std::vector<std::string>;

Names without_backbone(const Names& names) {
  Names out;
  for (const std::string& name : names)
    if (name.starts_with("heads.") || name.starts_with("correction.") || name == "scale") out.push_back(name);
  return out;
}

double last_loss(const Finished& run) { return run.step_losses.back(); }

std::vector<std::string> stages_reported(const Finished& run) {
  std::vector<std::string> out;
  for (const EpochRecord& epoch : run.result.epochs)
    if (out.empty() || out.back() != epoch.stage) out.push_back(epoch.stage);
  return out;
}

std::string refusal(const ExperimentOptions& options) {
  try {
    const ResidentDataset data = tiny_data();
    const Experiment experiment(options, data);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("equal seeds give equal first tasks to all methods that begin with cross-entropy on the same network") {
  const Finished finetuning = finish(tiny_options("finetuning"));
  for (const char* method :
       {"lwm", "lwm-s", "lwm-sr", "lwm-br", "lwm-bsr", "ewc", "si", "mas", "rwalk", "eeil", "dmc"}) {
    CAPTURE(method);
    ExperimentOptions o = tiny_options_for(method);
    o.scenario.stop_after = 1;
    CHECK(changed(finetuning.states[0], finish(o).states[0]).empty());
  }
  for (const char* method : {"lwm-br2", "icarl"}) {
    ExperimentOptions o = tiny_options_for(method);
    o.scenario.stop_after = 1;
    CHECK_MESSAGE(distance(finetuning.states[0], finish(o).states[0]) > 1e-3, method);
  }
  ExperimentOptions o = tiny_options_for("lucir");
  o.scenario.stop_after = 1;
  const Finished lucir = finish(o);
  for (const char* method : {"lucir-s", "lucir-sr", "lucir-br", "lucir-br2", "lucir-bsr"}) {
    o.method = method;
    CHECK_MESSAGE(changed(lucir.states[0], finish(o).states[0]).empty(), method);
  }
}

TEST_CASE("a method whose guard weighs nothing is finetuning") {
  const Finished finetuning = finish(tiny_options("finetuning"));
  for (const char* method : {"ewc", "si", "mas", "rwalk"}) {
    CAPTURE(method);
    ExperimentOptions o = tiny_options(method);
    o.method_options.lambda = 0;
    CHECK(changed(finetuning.states[1], finish(o).states[1]).empty());
  }
}

TEST_CASE("importance holds the backbone back: the heavier, the nearer to where the first task left it") {
  for (const char* method : {"ewc", "si", "mas", "rwalk"}) {
    CAPTURE(method);
    const auto moved = [&](double lambda) {
      ExperimentOptions o = tiny_options(method);
      o.train.epochs = 4;
      o.train.learning_rate = 0.01;
      o.train.sgd = {};
      o.train.clip = 1;
      o.method_options.lambda = lambda;
      const Finished run = finish(o);
      double squares = 0;
      for (const auto& [name, numbers] : run.states[0])
        if (name.find("running") == std::string::npos && !name.starts_with("heads."))
          for (size_t i = 0; i < numbers.size(); ++i)
            squares += std::pow(double{numbers[i]} - double{run.states[1].at(name)[i]}, 2);
      return squares;
    };
    CHECK(moved(1e5) < 0.9 * moved(0));
  }
}

TEST_CASE("the released forms of importance methods run, and differ") {
  for (const char* method : {"ewc", "mas", "rwalk"}) {
    CAPTURE(method);
    ExperimentOptions o = tiny_options(method);
    o.method_options.lambda = 10;
    const Finished ours = finish(o);
    o.method_options.as_released = true;
    CHECK(distance(ours.states[1], finish(o).states[1]) > 1e-6);
  }
}

TEST_CASE("as released LwM trains as LwF whatever the attention weighs, and judges otherwise") {
  ExperimentOptions o = tiny_options("lwm");
  o.train.epochs = 2;
  o.method_options.as_released = true;
  ExperimentOptions lwf = o;
  lwf.method = "lwf";
  const Finished plain = finish(lwf), light = finish(o);
  o.method_options.attention = 50;
  const Finished heavy = finish(o);
  CHECK(changed(plain.states[1], light.states[1]).empty());
  CHECK(changed(plain.states[1], heavy.states[1]).empty());
  CHECK(plain.step_losses == heavy.step_losses);
}

TEST_CASE("LwM's attention moves what LwF leaves, and weighs nothing at weight zero") {
  ExperimentOptions o = tiny_options("lwm");
  const Finished lwf = finish(tiny_options("lwf")), lwm = finish(o);
  CHECK(distance(lwf.states[1], lwm.states[1]) > 1e-4);
  CHECK(changed(lwf.states[0], lwm.states[0]).empty());
  CHECK(without_backbone(changed(lwm.states[0], lwm.states[1])) == Names{"heads.1.bias", "heads.1.weight"});
  o.method_options.attention = 0;
  CHECK(distance(lwf.states[1], finish(o).states[1]) < 1e-6);
}

TEST_CASE("LUCIR: old class weights rest, with exemplars too, the scale learns; without less-forget all learn") {
  const Finished run = finish(tiny_options_for("lucir"));
  CHECK(run.states[0].contains("scale"));
  CHECK_FALSE(run.states[0].contains("heads.0.bias"));
  CHECK(without_backbone(changed(run.states[0], run.states[1])) == Names{"heads.1.weight", "scale"});
  ExperimentOptions o = tiny_options_for("lucir");
  o.method_options.no_less_forget = true;
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
    o.method_options.as_released = true;
    runs.push_back(finish(o));
  }
  for (size_t i = 0; i < runs.size(); ++i)
    for (size_t k = 0; k < i; ++k) CHECK(distance(runs[i].states[1], runs[k].states[1]) > 1e-6);
  for (const char* variant : {"-s", "-br"}) {
    ExperimentOptions o = tiny_options_for(std::string("lucir") + variant);
    o.method_options.as_released = true;
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
  CHECK(differs([](MethodOptions& m) { m.lambda = 1; }));
  CHECK(differs([](MethodOptions& m) { m.margin_weight = 0; }));
  CHECK(differs([](MethodOptions& m) { m.margin = 0; }));
  CHECK(differs([](MethodOptions& m) { m.fixed_lambda = true; }));
  CHECK(differs([](MethodOptions& m) { m.imprint = true; }));
}

TEST_CASE("class-balance finetuning moves class weights and nothing else") {
  ExperimentOptions o = tiny_options_for("lucir");
  const Finished before = finish(o);
  o.method_options.balanced_epochs = 2;
  const Finished after = finish(o);
  CHECK(changed(before.states[0], after.states[0]).empty());
  CHECK(changed(before.states[1], after.states[1]) == Names{"heads.0.weight", "heads.1.weight"});
  CHECK(stages_reported(after) == Names{"train", "class-balance finetuning"});
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
  // Batch norm is in training mode, so that its statistics come to be those of balanced images.
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
  CHECK(differs([](MethodOptions& m) { m.lambda = 1; }, false));
  CHECK(differs([](MethodOptions& m) { m.flat_weight = 0; }, false));
  CHECK(differs([](MethodOptions& m) { m.fixed_lambda = true; }, false));
  CHECK(differs([](MethodOptions& m) { m.as_released = true; }, true));
}

TEST_CASE("PODNet's margin decides which images of two classes still matter, and is no part of the released form") {
  ExperimentOptions o = tiny_options_for("podnet");
  o.scenario.stop_after = 1;
  const auto moved_by_margin = [&] {
    o.method_options.delta = 0.6;
    const Finished wide = finish(o);
    o.method_options.delta = 0;
    return distance(wide.states[0], finish(o).states[0]);
  };
  CHECK(moved_by_margin() > 1e-4);
  o.method_options.as_released = true;
  CHECK(moved_by_margin() == 0);
}

TEST_CASE("PODNet with balanced softmax has one round, old proxies resting") {
  const Finished run = finish(tiny_options_for("podnet-balanced"));
  CHECK(stages_reported(run) == Names{"train"});
  CHECK(without_backbone(changed(run.states[0], run.states[1])) == Names{"heads.1.weight", "scale"});
  CHECK(run.result.settings["network"]["signed_blocks"] == true);
  CHECK(run.result.settings["network"]["classifier"] == "proxies");
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
  o.method_options.bias_epochs = 0;
  const Finished without = finish(o);
  CHECK(changed(without.states[1], with.states[1]) == Names{"correction.1.alpha", "correction.1.beta"});
}

TEST_CASE("EEIL's second round goes on where the first ended, at a lower rate") {
  const Finished run = finish(tiny_options_for("eeil"));
  CHECK(stages_reported(run) == Names{"train", "balanced finetuning"});
  CHECK(run.result.epochs.back().lr == doctest::Approx(0.05 * 0.01));
  ExperimentOptions o = tiny_options_for("eeil");
  o.method_options.finetuning_epochs = 0;
  CHECK(distance(run.states[1], finish(o).states[1]) > 1e-7);
  o.memory = {};
  CHECK(stages_reported(finish(o)) == Names{"train"});
}

TEST_CASE("gradient noise repeats with the seed and changes every task") {
  ExperimentOptions o = tiny_options_for("eeil");
  const Finished quiet = finish(o);
  o.method_options.gradient_noise = true;
  const Finished noisy = finish(o);
  CHECK(distance(quiet.states[0], noisy.states[0]) > 1e-3);
  CHECK(changed(noisy.states[1], finish(o).states[1]).empty());
}

TEST_CASE("iCaRL's released form learns by softmax") {
  ExperimentOptions o = tiny_options_for("icarl");
  const Finished ours = finish(o);
  o.method_options.as_released = true;
  const Finished released = finish(o);
  CHECK(distance(ours.states[0], released.states[0]) > 1e-3);
  CHECK(changed(finish(tiny_options("finetuning")).states[0], released.states[0]).empty());
}

TEST_CASE("a rule may be chosen instead of the method's own, and says so in the settings") {
  ExperimentOptions o = tiny_options_for("icarl");
  CHECK(finish(o).result.settings["prediction_rule"] == "nearest-mean");
  o.predict_by = "logits";
  CHECK(finish(o).result.settings["prediction_rule"] == "logits");
}

TEST_CASE("IL2M trains as finetuning with exemplars does, and predicts otherwise") {
  const Finished il2m = finish(tiny_options_for("il2m")), finetuning = finish(tiny_options_for("finetuning"));
  CHECK(changed(finetuning.states[1], il2m.states[1]).empty());
  CHECK(il2m.result.settings["prediction_rule"] == "rectified");
}

TEST_CASE("DMC's student learns from new weights on other images, and repeats with the seed") {
  ExperimentOptions o = tiny_options_for("dmc");
  const Finished run = finish(o);
  CHECK(stages_reported(run) == Names{"train", "consolidation"});
  CHECK(without_backbone(changed(run.states[0], run.states[1])).size() == 4);
  CHECK(changed(run.states[1], finish(o).states[1]).empty());
  o.method_options.as_released = true;
  CHECK(distance(run.states[1], finish(o).states[1]) > 1e-6);
}

TEST_CASE("what a method cannot do without is asked for in one line") {
  CHECK(refusal(tiny_options("bic")).find("needs exemplars") != std::string::npos);
  CHECK(refusal(tiny_options("il2m")).find("needs exemplars") != std::string::npos);
  CHECK(refusal(tiny_options("dmc")).find("--aux-data") != std::string::npos);
  for (const char* method : {"joint", "dmc"}) {
    ExperimentOptions o = tiny_options_for(method);
    o.memory = {MemoryBudget::Kind::per_class, 2, false};
    CHECK(refusal(o).find("leave out --memory-per-class") != std::string::npos);
  }
  for (const char* method : {"si", "rwalk"}) {
    ExperimentOptions o = tiny_options(method);
    o.first_task_from = "somewhere";
    CHECK(refusal(o).find("needs to see the first task") != std::string::npos);
  }
}

TEST_CASE("methods meant for exemplars run without, and the report says that it was so") {
  for (const char* method : {"icarl", "lucir", "eeil"}) {
    CAPTURE(method);
    const Finished run = finish(tiny_options(method));
    REQUIRE(run.result.remarks.size() == 1);
    CHECK(run.result.remarks[0].find("meant to be run with exemplars") != std::string::npos);
    CHECK(finish(tiny_options_for(method)).result.remarks.empty());
  }
}

TEST_CASE("every method learns tasks of one class, and batches that end with a single image") {
  for (const MethodInfo& method : all_methods()) {
    CAPTURE(method.name);
    ExperimentOptions o = tiny_options_for(method.name);
    o.scenario.tasks = 4;
    o.train.batch_size = 5;
    const Finished run = finish(o);
    CHECK(run.result.tasks_done() == 4);
    for (const double loss : run.step_losses) CHECK(std::isfinite(loss));
  }
}

TEST_CASE("every method stops after as many tasks as it is told") {
  for (const MethodInfo& method : all_methods()) {
    ExperimentOptions o = tiny_options_for(method.name);
    o.scenario.tasks = 4;
    o.scenario.stop_after = 2;
    CHECK_MESSAGE(finish(o).result.tasks_done() == 2, method.name);
  }
}

TEST_CASE("every method runs with the patience schedule, warm-up, clipping and fixed batch norm") {
  for (const MethodInfo& method : all_methods()) {
    CAPTURE(method.name);
    ExperimentOptions o = tiny_options_for(method.name);
    o.train.schedule = ScheduleKind::patience;
    o.train.patience.patience = 1;
    o.train.warmup_epochs = 1;
    o.train.fix_bn = true;
    o.train.clip = 1;
    const Finished run = finish(o);
    CHECK(run.result.tasks_done() == 2);
    CHECK(std::isfinite(last_loss(run)));
  }
}

}  // namespace
}  // namespace mneme::test
