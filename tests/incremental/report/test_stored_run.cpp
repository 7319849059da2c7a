#include "incremental/report/results/stored_run.h"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/base/error.h"
#include "incremental/report/comparison.h"
#include "incremental/report/results/key_numbers.h"
#include "tests/incremental/report/made_up_run.h"
#include "tests/incremental/report/page_checks.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

std::string refusal(const std::filesystem::path& folder) {
  try {
    stored_run(folder);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("a run read back from its folder tells what it told when it was there") {
  ExperimentOptions o = tiny_options_for("il-baseline-meta");
  o.published = {{"final_accuracy_task_agnostic", .45, .01, "Table 1"},
                 {.key = "final_accuracy_task_aware",
                  .value = .5,
                  .source = "Table 2",
                  .note = "not comparable: the images are others",
                  .comparable = false}};
  o.departures = {"training/epochs is 1 instead of 250"};
  o.remarks = {"A remark."};
  const ResidentDataset data = tiny_data();
  const ScratchFolder scratch;
  RunFolder folder(scratch / "run");
  const RunResult run = Experiment(o, data).run(folder, {}), stored = stored_run(scratch / "run");
  CHECK(summary(stored).dump() == summary(run).dump());
  CHECK(stored.settings == run.settings);
  CHECK(stored.test_images_per_task == run.test_images_per_task);
  REQUIRE(stored.epochs.size() == run.epochs.size());
  for (size_t i = 0; i < run.epochs.size(); ++i) CHECK(as_json(stored.epochs[i]) == as_json(run.epochs[i]));
  CHECK(stored.confusion.counts() == run.confusion.counts());
  CHECK(stored.class_names == run.class_names);
  REQUIRE(stored.published.size() == 2);
  CHECK(stored.published[0].deviation == .01);
  CHECK_FALSE(stored.published[1].deviation.has_value());
  CHECK(stored.published[0].note.empty());
  CHECK(stored.published[0].comparable);
  CHECK(stored.published[1].note == "not comparable: the images are others");
  CHECK_FALSE(stored.published[1].comparable);
}

TEST_CASE("a loss that was not finite comes back as NaN") {
  EpochRecord record;
  record.loss = std::nan("");
  CHECK(std::isnan(epoch_record(nlohmann::json::parse(as_json(record).dump())).loss));
}

TEST_CASE("an older run, without last layers, and one that is still going on can be read") {
  const ScratchFolder scratch;
  write_run(scratch / "run", made_up_unfinished("lwf"));
  const RunResult run = stored_run(scratch / "run");
  CHECK(run.last_layer.empty());
  CHECK(run.top5.empty());
  CHECK(run.tasks_done() == 2);
  CHECK(run.epochs.size() == 6);
  scratch.write("run/metrics.jsonl", as_json(run.epochs[0]).dump() + "\n{\"task\": 1, \"epo");
  CHECK(stored_run(scratch / "run").epochs.size() == 1);
}

TEST_CASE("names of classes are read where a run has written all of them") {
  const ScratchFolder scratch;
  write_run(scratch / "run", made_up_run("lwf"));
  CHECK(stored_run(scratch / "run").class_names.empty());
  const std::string
      head = "after_task,task,class,name,accuracy_task_agnostic\n",
      five = "1,1,0,cat,0.5\n1,1,1,\"dog, \"\"big\"\"\",0.5\n3,1,0,cat,0.1\n3,2,2,eel,\n3,2,3,fox,0\n3,3,4,gnu,1\n";
  scratch.write("run/class_accuracy.csv", head + five + "3,3,5,hen,1\n");
  CHECK(stored_run(scratch / "run").class_names ==
        std::vector<std::string>{"cat", "dog, \"big\"", "eel", "fox", "gnu", "hen"});
  for (const char* broken : {"", "3,3,5,,1\n", "3,3\n", "x"}) {
    CAPTURE(broken);
    scratch.write("run/class_accuracy.csv", head + five + broken);
    CHECK(stored_run(scratch / "run").class_names.empty());
  }
}

TEST_CASE("a run that is being written, or was stopped or killed, is known as unfinished") {
  const ResidentDataset data = tiny_data();
  const ExperimentOptions o = tiny_options("finetuning");
  const ScratchFolder scratch;
  REQUIRE_FALSE(run_until(o, data, scratch / "run", 5));
  CHECK(contains(stored_run(scratch / "run").unfinished, "it was stopped or killed, and --resume goes on with it"));
  const std::string page = comparison_html(grouped({{"run", stored_run(scratch / "run")}}));
  CHECK(contains(page, "run is unfinished: it was stopped or killed"));
  {
    const RunFolder folder(scratch / "run", Existing::resume);
    CHECK(contains(stored_run(scratch / "run").unfinished, "it is being written just now"));
  }
  std::filesystem::copy(scratch / "run/checkpoints", scratch / "kept");
  REQUIRE(run_until(o, data, scratch / "run", -1));
  CHECK(stored_run(scratch / "run").unfinished.empty());
  CHECK_FALSE(contains(comparison_html(grouped({{"run", stored_run(scratch / "run")}})), "unfinished"));
  // This is what remains of a run that was killed before it removed the last checkpoint.
  std::filesystem::copy(scratch / "kept", scratch / "run/checkpoints");
  CHECK_FALSE(stored_run(scratch / "run").unfinished.empty());
  scratch.write("run/confusion.csv", "true_class\n0,1\n");
  CHECK(contains(refusal(scratch / "run"), "this run is unfinished, as it was stopped or killed"));
}

TEST_CASE("a run of format 1, whose files count tasks from 0, is read as one of today") {
  RunResult today = made_up_run("lwf");
  today.last_layer = {std::vector<ClassOutput>(2), std::vector<ClassOutput>(4), std::vector<ClassOutput>(6)};
  const ScratchFolder scratch;
  write_run(scratch / "run", today);
  CHECK(stored_run(scratch / "run").epochs.back().task == 2);
  today.settings.erase("format");
  scratch.write("run/run.json", today.settings.dump());
  CHECK(refusal(scratch / "run").find("last_layer.csv: line 2 is none") != std::string::npos);
  std::string layers = "after_task,task,class,weight_length,bias,mean_logit\n";
  for (int step = 0; step < 3; ++step)
    for (int c = 0; c < 2 * step + 2; ++c) layers += fmt::format("{},{},{},1,2,3\n", step, c / 2, c);
  scratch.write("run/last_layer.csv", layers);
  scratch.write("run/metrics.jsonl", R"({"task": 2, "epoch": 1, "stage": "train", "loss": 1, "lr": 0.1})"
                                     "\n");
  const RunResult older = stored_run(scratch / "run");
  CHECK(older.last_layer.size() == 3);
  REQUIRE(older.epochs.size() == 1);
  CHECK(older.epochs[0].task == 2);
}

TEST_CASE("test images that are not equally many weigh as they did in the run") {
  RunResult run = made_up_run("lwf");
  run.test_images_per_task = {20, 60, 20};
  run.confusion = ConfusionMatrix(6);
  for (int c = 0; c < 6; ++c) run.confusion.add(c, 0, c == 2 || c == 3 ? 30 : 10);
  const ScratchFolder scratch;
  write_run(scratch / "run", run);
  CHECK(summary(stored_run(scratch / "run")).dump() == summary(run).dump());
}

TEST_CASE("what is no run's folder, or damaged, is named in one line") {
  const ScratchFolder scratch;
  CHECK(contains(refusal(scratch / "none"), "there is no such folder"));
  CHECK(contains(refusal(scratch.path()), "is no run's folder"));
  CHECK(contains(refusal(scratch.write("a.log", "")), "is no run's folder"));
  scratch.write("begun/run.json", "{}");
  CHECK(contains(refusal(scratch / "begun"), "has not finished its first task yet"));

  const auto with = [&](const char* file, const std::string& content) {
    std::filesystem::remove_all(scratch / "run");
    RunResult run = made_up_run("lwf");
    run.last_layer = {std::vector<ClassOutput>(2), std::vector<ClassOutput>(4), std::vector<ClassOutput>(6)};
    write_run(scratch / "run", run);
    if (*file) scratch.write(std::string("run/") + file, content);
    const std::string said = refusal(scratch / "run");
    CHECK_MESSAGE(std::count(said.begin(), said.end(), '\n') == 0, said);
    return said;
  };
  CHECK(with("", "") == "no error");
  CHECK(contains(with("summary.json", "{\"method\": 7}"), "summary.json: is not what a run writes"));
  CHECK(contains(with("summary.json", "{"), "summary.json: is not what a run writes"));
  nlohmann::json odd = summary(made_up_run("lwf"));
  odd["classes_per_task"] = {2, 2};
  CHECK(contains(with("summary.json", odd.dump()), "summary.json: its accuracies do not fit its tasks"));
  odd["accuracy_task_aware"] = {{1}, {1}};
  CHECK(contains(with("summary.json", odd.dump()), "summary.json: "));
  CHECK(contains(with("run.json", "7"), "run.json: is not what a run writes"));
  CHECK(contains(with("confusion.csv", "true_class\n0,1\n"), "has 2 lines, and 6 classes were learned"));
  CHECK(contains(with("confusion.csv", "h\n0,1,0,0,0,0,x\n1\n2\n3\n4\n5\n"), "line 2 is none that a run writes"));
  const std::string sparse = "true_class,predicted_class,images\n";
  for (const char* line : {"0,1", "0,6,1", "-1,0,1", "0,1,0"})
    CHECK(contains(with("confusion.csv", sparse + "0,1,2\n" + line + "\n"), "line 3 is none that a run writes"));
  CHECK(contains(with("confusion.csv", "h\n0,-1,0,0,0,0,1\n1\n2\n3\n4\n5\n"), "line 2 is none that a run writes"));
  CHECK(contains(with("metrics.jsonl", "{}\n"), "metrics.jsonl: line 1 is none that a run writes"));
  CHECK(contains(with("last_layer.csv", "h\n0,0,0,1,2,x\n"), "last_layer.csv: line 2 is none that a run writes"));
  CHECK(contains(with("last_layer.csv", "h\n0,0,0,1,2,3\n"), "last_layer.csv: line 2 is none that a run writes"));
  CHECK(contains(with("last_layer.csv", "h\n1,1,0,1,2,3\n"), "last_layer.csv does not fit summary.json"));
}

}  // namespace
}  // namespace mneme::test
