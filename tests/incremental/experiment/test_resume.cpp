// Tests that a run that was stopped at any place and resumed writes the same files as a run without a stop.

#include <doctest/doctest.h>

#include <cstring>
#include <functional>
#include <optional>

#include "data/files/atomic_file.h"
#include "data/files/file_bytes.h"
#include "data/files/text_lines.h"
#include "engine/base/parallel.h"
#include "engine/base/version.h"
#include "tests/incremental/run_files.h"
#include "tests/incremental/tiny_run.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;

/// A run with many events: shrinking memory with reselection, a teacher, warm-up, momentum, and a patience schedule
/// that lowers the learning rate.
ExperimentOptions eventful() {
  ExperimentOptions o = tiny_options("il-baseline");
  o.scenario.tasks = 3;
  o.scenario.order = "shuffled:3";
  o.memory = {MemoryBudget::Kind::total, 10, false};
  o.train.epochs = 3;
  o.train.warmup_epochs = 1;
  o.train.sgd.nesterov = true;
  o.train.keep_momentum = true;
  o.train.schedule = ScheduleKind::patience;
  o.train.patience.patience = 1;
  o.train.clip_norm = 1;
  o.save_models = true;
  return o;
}

ResidentDataset six_classes() { return tiny_data(6, 8, 2); }

void say_nothing(const std::string&) {}

void finish_in(const ExperimentOptions& options, const ResidentDataset& data, const fs::path& path) {
  REQUIRE(run_until(options, data, path, -1));
}

std::string resume_message(const ExperimentOptions& options, const ResidentDataset& data, const fs::path& path) {
  RunFolder folder(path, Existing::resume);
  Experiment experiment(options, data);
  try {
    experiment.resume(folder, say_nothing);
  } catch (const Error& error) {
    CHECK(error.exit_code() == 1);
    return error.what();
  }
  return "no error";
}

TEST_CASE("--drop-last may be added when a run goes on, which a remark tells; it may not be taken away") {
  const ResidentDataset data = six_classes();
  const ScratchFolder scratch;
  ExperimentOptions o = eventful();
  REQUIRE_FALSE(run_until(o, data, scratch / "run", 4));
  o.train.drop_last = true;
  REQUIRE_FALSE(run_until(o, data, scratch / "run", 4));
  o.train.drop_last = false;
  CHECK(resume_message(o, data, scratch / "run").find("drop_last") != std::string::npos);
  o.train.drop_last = true;
  REQUIRE(run_until(o, data, scratch / "run", -1));
  CHECK(read_file(scratch / "run/report.html").find("--drop-last was added when the run went on") != std::string::npos);
}

TEST_CASE("stopped at any step and resumed, also with other threads, a run ends in the same files") {
  const ExperimentOptions o = eventful();
  const ResidentDataset data = six_classes();
  const ScratchFolder scratch(memory_or_disk());
  finish_in(o, data, scratch / "whole");
  CHECK(files_of_run(scratch / "whole").size() == 15);
  const int before = threads();
  int stops = 0;
  for (bool complete = false; !complete; stops += 3) {
    CAPTURE(stops);
    const fs::path path = scratch / ("stopped" + std::to_string(stops));
    set_threads(1 + stops % 3);
    complete = run_until(o, data, path, stops);
    set_threads(1 + (stops + 1) % 3);
    finish_in(o, data, path);
    CHECK(different_files(scratch / "whole", path) == std::vector<std::string>{});
  }
  set_threads(before);
  CHECK(stops > 25);
}

TEST_CASE("a run stopped again and again, one step at a time, ends in the same files") {
  const ExperimentOptions o = eventful();
  const ResidentDataset data = six_classes();
  const ScratchFolder scratch(memory_or_disk());
  finish_in(o, data, scratch / "whole");
  while (!run_until(o, data, scratch / "stopped", 1))
    if (fs::exists(scratch / "stopped" / "models" / "task_01.safetensors")) break;
  finish_in(o, data, scratch / "stopped");
  CHECK(different_files(scratch / "whole", scratch / "stopped") == std::vector<std::string>{});
}

/// Compares a run without interruption with one that was stopped in the middle of the second task and resumed.
void check_resumes(const ExperimentOptions& o, const ResidentDataset& data) {
  const ScratchFolder scratch(memory_or_disk());
  finish_in(o, data, scratch / "whole");
  REQUIRE_FALSE(run_until(o, data, scratch / "stopped", 9));
  REQUIRE(fs::exists(scratch / "stopped" / "models" / "task_01.safetensors"));
  finish_in(o, data, scratch / "stopped");
  CHECK(different_files(scratch / "whole", scratch / "stopped") == std::vector<std::string>{});
}

TEST_CASE("every schedule resumes, with momentum and without") {
  for (const ScheduleKind schedule : {ScheduleKind::steps, ScheduleKind::cosine, ScheduleKind::constant}) {
    ExperimentOptions o = tiny_options("finetuning");
    o.train.schedule = schedule;
    o.train.epochs = 2;
    o.train.sgd.momentum = schedule == ScheduleKind::cosine ? 0 : 0.9;
    o.save_models = true;
    check_resumes(o, tiny_data());
  }
}

TEST_CASE("every method resumes") {
  for (const MethodInfo& method : all_methods()) {
    CAPTURE(method.name);
    ExperimentOptions o = tiny_options_for(method.name);
    o.train.epochs = 2;
    o.save_models = true;
    check_resumes(o, tiny_data());
  }
}

TEST_CASE("weights of classes to come go on shrinking when a run does") {
  for (const char* method : {"ss-il", "bic-ss-il"}) {
    CAPTURE(method);
    ExperimentOptions o = tiny_options_for(method);
    set_option(o.method_options, "--as-released", true);
    o.scenario.tasks = 3;
    o.train.epochs = 2;
    o.train.keep_momentum = true;
    o.train.sgd = {.momentum = 0.9, .weight_decay = 0.1};
    o.save_models = true;
    check_resumes(o, tiny_data(6));
  }
}

TEST_CASE("alpha goes on with what its optimiser gathered before the run was stopped") {
  for (const char* optimizer : {"adam", "sgd"}) {
    ExperimentOptions o = tiny_options_for("il-baseline-meta");
    set_option(o.method_options, "--alpha-optimizer", optimizer);
    set_option(o.method_options, "--alpha-period", 1);
    o.train.epochs = 3;
    o.save_models = true;
    check_resumes(o, tiny_data());
  }
}

TEST_CASE("a finished run leaves no checkpoints and is known as finished, an unfinished one is not") {
  const ExperimentOptions o = eventful();
  const ResidentDataset data = six_classes();
  const ScratchFolder scratch(memory_or_disk());
  const auto is_complete = [&] {
    const RunFolder folder(scratch / "run", Existing::resume);
    return Experiment(o, data).is_complete(folder);
  };
  CHECK_FALSE(is_complete());
  REQUIRE_FALSE(run_until(o, data, scratch / "run", 30));
  CHECK(fs::exists(scratch / "run" / "summary.json"));
  CHECK_FALSE(is_complete());
  finish_in(o, data, scratch / "run");
  CHECK(is_complete());
  CHECK_FALSE(fs::exists(scratch / "run" / "checkpoints"));
}

TEST_CASE("killed between its last files, a run is not taken for finished") {
  const ExperimentOptions o = eventful();
  const ResidentDataset data = six_classes();
  const ScratchFolder scratch(memory_or_disk());
  finish_in(o, data, scratch / "whole");
  REQUIRE_FALSE(run_until(o, data, scratch / "killed", 40));
  fs::copy(scratch / "whole" / "summary.json", scratch / "killed" / "summary.json",
           fs::copy_options::overwrite_existing);
  {
    const RunFolder folder(scratch / "killed", Existing::resume);
    CHECK_FALSE(Experiment(o, data).is_complete(folder));
  }
  finish_in(o, data, scratch / "killed");
  CHECK(different_files(scratch / "whole", scratch / "killed") == std::vector<std::string>{});
}

TEST_CASE("a checkpoint of other settings, data or version is refused, naming what differs") {
  const ExperimentOptions o = eventful();
  const ResidentDataset data = six_classes();
  const ScratchFolder scratch(memory_or_disk());
  const fs::path path = scratch / "run";
  REQUIRE_FALSE(run_until(o, data, path, 5));
  const auto refused = [&](const std::function<void(ExperimentOptions&)>& change) {
    ExperimentOptions other = o;
    change(other);
    return resume_message(other, data, path);
  };
  check_says(refused([](auto& e) { e.train.epochs = 9; }), "training/epochs is 3 there and 9 here");
  check_says(refused([](auto& e) { set_option(e.method_options, "--temperature", 4); }),
             "method/temperature is 2.0 there and 4.0 here");
  check_says(refused([](auto& e) { e.seed = 2; }), "seed is 1 there and 2 here");
  check_says(refused([](auto& e) { e.device = Device::reference; }), "device is \"cpu\" there and \"reference\" here");
  check_says(refused([](auto& e) { e.scenario.order = "identity"; }),
             "class_order is [3,5,4,1,0,2] there and [0,1,2,3,4,5] here; first_task/classes is [3,5] there");
  ResidentDataset other = data;
  other.train.pixels[1234] ^= 1;
  check_says(resume_message(o, other, path), "data/id is ");
  CHECK(resume_message(o, data, path) == "no error");

  CheckpointFolder checkpoints(path / "checkpoints");
  Checkpoint newest = *checkpoints.newest(say_nothing);
  newest.values["settings"]["version"] = std::string(release()) + "+another-commit";
  checkpoints.write(newest);
  CHECK(resume_message(o, data, path) == "no error");
  newest.values["settings"]["version"] = "0.0.1";
  checkpoints.write(newest);
  check_says(resume_message(o, data, path), "version is \"0.0.1\" there");
}

TEST_CASE("a run goes on under other instructions where the bits are the same, and is told why where they are not") {
  const ExperimentOptions o = eventful();
  const ResidentDataset data = six_classes();
  const ScratchFolder scratch(memory_or_disk());
  REQUIRE_FALSE(run_until(o, data, scratch / "run", 5));
  CheckpointFolder checkpoints(scratch / "run/checkpoints");
  Checkpoint newest = *checkpoints.newest(say_nothing);
  const std::string here = newest.values["settings"]["backend"];
  const auto message_for = [&](const std::string& kernels, const std::string& instructions) {
    std::string there = here;
    there.replace(there.find(": ") + 2, there.find(" kernels") - there.find(": ") - 2, kernels);
    if (const size_t bracket = there.rfind(" ("); !instructions.empty() && bracket != there.npos)
      there = there.substr(0, bracket) + " (" + instructions + ")";
    newest.values["settings"]["backend"] = there;
    checkpoints.write(newest);
    return resume_message(o, data, scratch / "run");
  };
  const bool vectors = here.find("avx") != std::string::npos;
  if (vectors) CHECK(message_for("avx512", "") == "no error");
  if (vectors) CHECK(message_for("avx2", "") == "no error");
  check_says(message_for("strange", ""),
             "cannot go on here to the same numbers: its convolutions were computed by the strange");
  if (here.find("oneDNN") != std::string::npos)
    check_says(message_for("avx2", "strange"), "with strange instructions, and here with");
}

TEST_CASE("a checkpoint whose content does not fit is refused in one line") {
  const ExperimentOptions o = eventful();
  const ResidentDataset data = six_classes();
  const ScratchFolder scratch(memory_or_disk());
  REQUIRE_FALSE(run_until(o, data, scratch / "run", 30));
  CheckpointFolder checkpoints(scratch / "run" / "checkpoints");
  const Checkpoint good = *checkpoints.newest(say_nothing);
  const auto message = [&](const std::function<void(Checkpoint&)>& change) {
    Checkpoint bad = good;
    change(bad);
    checkpoints.write(bad);
    return resume_message(o, data, scratch / "run");
  };
  check_says(message([](auto& c) { c.values["format"] = 99; }), "format");
  check_says(message([](auto& c) { c.values.erase("train"); }), "does not fit this program");
  check_says(message([](auto& c) { c.values["task"] = -1; }), "does not fit this program");
  check_says(message([](auto& c) { c.values["task"] = 3; }), "it is of task 4, and there are 3");
  check_says(message([](auto& c) { c.values["epochs"] = "many"; }), "does not fit this program");
  check_says(message([](auto& c) { std::erase_if(c.tensors, [](auto& t) { return t.first == "net.bn1.bias"; }); }),
             "missing bn1.bias");
  check_says(message([](auto& c) {
               for (auto& [name, tensor] : c.tensors)
                 if (name == "ledger") {
                   std::vector<int> rows = tensor.ints();
                   for (size_t i = 3; i < rows.size(); i += 4) rows[i] = 1 << 20;
                   tensor = Tensor::from(rows, tensor.shape(), Device::reference);
                 }
             }),
             "exemplar 1048576 is not among the 48 images");
}

TEST_CASE("a damaged newest checkpoint costs an epoch and a line, not the run") {
  const ExperimentOptions o = eventful();
  const ResidentDataset data = six_classes();
  const ScratchFolder scratch(memory_or_disk());
  finish_in(o, data, scratch / "whole");
  REQUIRE_FALSE(run_until(o, data, scratch / "run", 12));
  fs::path newest;
  for (const auto& entry : fs::directory_iterator(scratch / "run" / "checkpoints"))
    newest = std::max(newest, entry.path());
  write_file_atomically(newest, read_file(newest).substr(0, 1000));
  std::vector<std::string> said;
  REQUIRE(run_until(o, data, scratch / "run", -1, [&](const std::string& line) { said.push_back(line); }));
  REQUIRE(said.size() == 1);
  check_says(said[0], "is damaged");
  CHECK(different_files(scratch / "whole", scratch / "run") == std::vector<std::string>{});
}

/// The events of TensorBoard by step and tag. Wall times and speeds differ between runs, so they are left out.
std::vector<std::string> events_without_times(const fs::path& run) {
  const std::string bytes = read_file(run / "tensorboard/events.out.tfevents.0.mneme");
  constexpr size_t before = 12, behind = 4, wall_time = 9;
  std::vector<std::string> records;
  for (size_t at = 0; at < bytes.size();) {
    uint64_t size = 0;
    std::memcpy(&size, bytes.data() + at, sizeof size);
    std::string record = bytes.substr(at + before + wall_time, size - wall_time);
    // The speed is a field like the others: its tag, a key of one byte, and four bytes.
    if (const size_t speed = record.find("images_per_second"); speed != record.npos)
      record.replace(speed + 18, 4, "????");
    records.push_back(std::move(record));
    at += before + size + behind;
  }
  return records;
}

TEST_CASE("TensorBoard's file of a resumed run is that of a run without interruption but for the times") {
  const ExperimentOptions o = eventful();
  const ResidentDataset data = six_classes();
  const ScratchFolder scratch(memory_or_disk());
  finish_in(o, data, scratch / "whole");
  for (const int stops : {5, 17, 23}) {
    const fs::path path = scratch / ("stopped" + std::to_string(stops));
    REQUIRE_FALSE(run_until(o, data, path, stops));
    finish_in(o, data, path);
    CHECK(events_without_times(scratch / "whole") == events_without_times(path));
  }
}

TEST_CASE("metrics hold no times, and those of a resumed run are told apart from its results") {
  const ResidentDataset data = six_classes();
  const ScratchFolder scratch(memory_or_disk());
  finish_in(tiny_options("finetuning"), data, scratch / "run");
  CHECK(read_file(scratch / "run" / "metrics.jsonl").find("seconds") == std::string::npos);
  const std::vector<std::string> timing = read_lines(scratch / "run" / "timing.jsonl");
  REQUIRE(timing.size() == 2);
  const auto first = nlohmann::json::parse(timing[0]);
  CHECK(first["seconds"].get<double>() > 0);
  CHECK(first["waiting_for_images"] == 0);
  CHECK(first["images_per_second"].get<double>() * first["seconds"].get<double>() == doctest::Approx(18));
}

}  // namespace
}  // namespace mneme::test
