// The results of a run in a checkpoint and in TensorBoard's file: nothing changes places.

#include <doctest/doctest.h>

#include <array>
#include <bit>

#include "data/files/file_bytes.h"
#include "incremental/experiment/storage/checkpoint_results.h"
#include "incremental/experiment/storage/run_folder.h"
#include "incremental/experiment/storage/run_log.h"
#include "incremental/report/results/key_numbers.h"
#include "tests/data/scratch_folder.h"
#include "tests/incremental/report/made_up_run.h"

namespace mneme::test {
namespace {

TEST_CASE("results come back from a checkpoint as they were, the confusion with its true classes first") {
  const RunResult run = made_up_run("lwf");
  Checkpoint checkpoint;
  save_results(checkpoint, run);
  RunResult back;
  restore_results(checkpoint, back);
  CHECK(back.task_aware.rows() == run.task_aware.rows());
  CHECK(back.task_agnostic.rows() == run.task_agnostic.rows());
  CHECK(back.confusion.counts() == run.confusion.counts());
  CHECK(run.confusion.count(0, 5) != run.confusion.count(5, 0));
  CHECK(back.epochs.size() == run.epochs.size());
}

TEST_CASE("TensorBoard's file has each accuracy under its own name") {
  const RunResult run = made_up_run("lwf");
  const ScratchFolder scratch;
  const RunFolder folder(scratch / "run");
  write_logs_again(folder, run);
  const std::string events = read_file(scratch / "run/tensorboard/events.out.tfevents.0.mneme");
  // A value of the format's Summary: the tag, then field 2, a float.
  const auto holds = [&](const std::string& tag, double value) {
    const auto bits = std::bit_cast<std::array<char, sizeof(float)>>(static_cast<float>(value));
    return events.find(tag + '\x15' + std::string(bits.begin(), bits.end())) != std::string::npos;
  };
  for (const double value : accuracy_per_step(run, run.task_agnostic))
    CHECK(holds("after_each_task/accuracy_task_agnostic", value));
  for (const double value : accuracy_per_step(run, run.task_aware))
    CHECK(holds("after_each_task/accuracy_task_aware", value));
  CHECK_FALSE(holds("after_each_task/accuracy_task_aware", accuracy_per_step(run, run.task_agnostic).back()));
}

}  // namespace
}  // namespace mneme::test
