#include "incremental/experiment/transfer.h"

#include <doctest/doctest.h>

#include <cmath>

#include "data/files/file_bytes.h"
#include "incremental/report/results/key_numbers.h"
#include "incremental/report/results/stored_run.h"
#include "tests/incremental/run_files.h"
#include "tests/incremental/tiny_run.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

RunResult run_in(const std::filesystem::path& path, const ExperimentOptions& options, int classes = 6) {
  const ResidentDataset data = tiny_data(classes, 8, 3);
  RunFolder folder(path);
  return Experiment(options, data).run(folder, {});
}

TEST_CASE("forward transfer is measured for every task but the first, changes no weight, and survives a stop") {
  ExperimentOptions o = tiny_options("lwf");
  o.scenario.tasks = 3;
  o.scenario.order = "identity";
  o.save_models = true;
  const ScratchFolder scratch(memory_or_disk());
  const RunResult without = run_in(scratch / "without", o);
  CHECK(without.forward_transfer.empty());
  o.forward_transfer = true;
  const RunResult with = run_in(scratch / "with", o);
  REQUIRE(with.forward_transfer.size() == 2);
  for (const double gain : with.forward_transfer) CHECK(std::abs(gain) <= 1);
  CHECK(with.task_aware.rows() == without.task_aware.rows());
  CHECK(find_number(key_numbers(with), "forward_transfer_task_aware").value ==
        doctest::Approx((with.forward_transfer[0] + with.forward_transfer[1]) / 2));
  CHECK_THROWS_AS((void)find_number(key_numbers(with), "forward_transfer_task_agnostic"), Error);
  CHECK(stored_run(scratch / "with").forward_transfer == with.forward_transfer);
  const ResidentDataset data = tiny_data(6, 8, 3);
  for (const int stop : {3, 8}) {  // between two tasks, and in the middle of one
    const auto path = scratch / ("stopped" + std::to_string(stop));
    REQUIRE_FALSE(run_until(o, data, path, stop));
    REQUIRE(run_until(o, data, path, -1));
    CHECK(different_files(scratch / "with", path) == std::vector<std::string>{});
  }
}

TEST_CASE("intransigence compares with a reference that learned the same tasks, and others are refused") {
  ExperimentOptions o = tiny_options("lwf");
  o.scenario.order = "identity";
  const ScratchFolder scratch(memory_or_disk());
  ExperimentOptions joint = o;
  joint.method = "joint";
  const RunResult reference = run_in(scratch / "joint", joint, 4);
  o.reference = scratch / "joint";
  const RunResult run = run_in(scratch / "lwf", o, 4);
  CHECK(run.reference_task_aware == diagonal(reference.task_aware));
  const double expected = (reference.task_aware.at(0, 0) - run.task_aware.at(0, 0) + reference.task_aware.at(1, 1) -
                           run.task_aware.at(1, 1)) /
                          2;
  CHECK(find_number(key_numbers(run), "intransigence_task_aware").value == doctest::Approx(expected));
  CHECK(summary(stored_run(scratch / "lwf")).dump() == summary(run).dump());
  const auto refused = [&](const std::function<void(ExperimentOptions&)>& change, const std::string& part) {
    ExperimentOptions other = o;
    change(other);
    const std::string message = message_of([&] { run_in(scratch / "refused", other, 4); });
    CHECK_MESSAGE(message.find(part) != std::string::npos, message);
  };
  refused([](auto& x) { x.scenario.order = "1,0,2,3"; }, "was run on other data, other tasks or another class order");
  refused([](auto& x) { x.scenario.tasks = 4; }, "was run on other data, other tasks or another class order");
  refused([](auto& x) { x.reference = "nowhere"; }, "nowhere: there is no such folder");
}

TEST_CASE("with a memory the network and the nearest mean are judged side by side, whatever the method predicts by") {
  const auto run = [](const std::string& method, const std::string& rule) {
    ExperimentOptions o = tiny_options_for(method);
    o.predict_by = rule;
    return finish(o).result;
  };
  const RunResult logits = run("il-baseline", "logits"), means = run("il-baseline", "nearest-mean");
  CHECK(logits.network.task_agnostic.rows() == logits.task_agnostic.rows());
  CHECK(logits.network.task_aware.rows() == logits.task_aware.rows());
  CHECK(means.nearest_mean.task_agnostic.rows() == means.task_agnostic.rows());
  CHECK(means.nearest_mean.task_agnostic.rows() == logits.nearest_mean.task_agnostic.rows());
  CHECK(summary(logits).contains("final_accuracy_by_nearest_mean_task_agnostic"));
  const RunResult forgetful = finish(tiny_options("lwf")).result;
  CHECK(forgetful.nearest_mean.task_aware.empty());
  CHECK_FALSE(summary(forgetful).contains("final_accuracy_by_network_task_agnostic"));
}

TEST_CASE("the accuracy of every class is written after every task and agrees with the task's") {
  ExperimentOptions o = tiny_options("finetuning");
  const ScratchFolder scratch(memory_or_disk());
  const RunResult run = run_in(scratch / "run", o, 4);
  REQUIRE(run.class_accuracy.size() == 2);
  REQUIRE(run.class_accuracy[1].size() == 4);
  CHECK((run.class_accuracy[1][2] + run.class_accuracy[1][3]) / 2 == doctest::Approx(run.task_agnostic.at(1, 1)));
  const std::string csv = read_file(scratch / "run/class_accuracy.csv");
  CHECK(csv.starts_with("after_task,task,class,name,original_label,accuracy_task_agnostic\n1,1,0,class 0,0,"));
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 1 + 2 + 4);
}

}  // namespace
}  // namespace mneme::test
