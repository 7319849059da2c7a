// What holds for every method, and which methods agree with each other.

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <set>

#include "incremental/methods/registry.h"
#include "tests/incremental/methods/method_runs.h"
#include "tests/support/paths.h"

namespace mneme::test {
namespace {

TEST_CASE("every method learns to tell the first task's pictures apart") {
  const ResidentDataset data = tiny_data(4, 8, 12);
  for (const MethodInfo& method : all_methods()) {
    CAPTURE(method.name);
    ExperimentOptions o = tiny_options_for(method.name);
    // The classes differ by their noise, so a moved or mirrored image would be another image.
    o.train.augmentation = {};
    o.train.epochs = 8;
    o.scenario.stop_after = 1;
    const Finished run = finish(o, data);
    CHECK(run.result.task_aware.at(0, 0) == 1);
    CHECK(run.result.tasks_done() == 1);
  }
}

TEST_CASE("unknown methods meet the nearest, and every method says what it is") {
  CHECK_THROWS_WITH_AS((void)make_method("fine-tuning", {}), doctest::Contains("did you mean 'finetuning'?"),
                       UsageError);
  std::set<std::string> names;
  for (const MethodInfo& info : all_methods()) {
    const Method method = make_method(info.name, {});
    CHECK(method.name == info.name);
    CHECK(method.description.size() > 20);
    CHECK(info.summary.size() > 10);
    names.insert(info.name);
  }
  CHECK(names.size() == all_methods().size());
}

TEST_CASE("equal seeds give equal first tasks, whatever guards the old classes later") {
  const Finished finetuning = finish(tiny_options("finetuning"));
  for (const char* method : {"lwf", "lwf-s", "lwf-sr", "lwf-br", "lwf-bsr", "freezing", "joint"}) {
    CAPTURE(method);
    CHECK(changed(finetuning.states[0], finish(tiny_options(method)).states[0]).empty());
  }
  CHECK(changed(finetuning.states[0], finish(with_memory("il-baseline", 2)).states[0]).empty());
  // With equal counts the shift is the same for all logits. Its rounding differs, and the difference grows over the
  // steps.
  CHECK(distance(finetuning.states[0], finish(with_memory("il-baseline-balanced", 2)).states[0]) == 0);
  CHECK(distance(finetuning.states[0], finish(tiny_options("lwf-br2")).states[0]) > 1e-3);
  ExperimentOptions other = tiny_options("finetuning");
  other.seed = 2;
  CHECK(distance(finetuning.states[0], finish(other).states[0]) > 1e-2);
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

TEST_CASE("a rule may be chosen instead of the method's own, and says so in the settings") {
  ExperimentOptions o = tiny_options_for("icarl");
  CHECK(finish(o).result.settings["prediction_rule"] == "nearest-mean");
  o.predict_by = "logits";
  CHECK(finish(o).result.settings["prediction_rule"] == "logits");
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
    o.train.clip_norm = 1;
    const Finished run = finish(o);
    CHECK(run.result.tasks_done() == 2);
    CHECK(std::isfinite(last_loss(run)));
  }
}

/// The file in incremental/methods that makes the method, without its extension.
std::string family_of(std::string method) {
  if (method.ends_with("-ss-il") || method == "ss-il") return "ss_il";
  for (const char* baseline : {"finetuning", "freezing", "joint"})
    if (method == baseline) return "baselines";
  for (const char* importance : {"ewc", "si", "mas", "rwalk"})
    if (method == importance) return "importance";
  if (method.starts_with("il-baseline")) return "il_baseline";
  return method.substr(0, method.find('-'));
}

TEST_CASE("every method's tests are in the file with the name of the file that makes it") {
  const std::filesystem::path sources = source_path();
  for (const MethodInfo& method : all_methods()) {
    const std::string family = family_of(method.name);
    CAPTURE(method.name);
    CHECK(std::filesystem::exists(sources / "incremental" / "methods" / (family + ".cpp")));
    CHECK(std::filesystem::exists(sources / "tests" / "incremental" / "methods" / ("test_" + family + ".cpp")));
  }
}

}  // namespace
}  // namespace mneme::test
