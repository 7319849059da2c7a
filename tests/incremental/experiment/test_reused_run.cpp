#include "incremental/experiment/reused_run.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "data/files/file_bytes.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

TEST_CASE("a run may take over another's first task, and then goes on as if it had trained it") {
  const ResidentDataset data = tiny_data();
  const ScratchFolder scratch;
  ExperimentOptions first = tiny_options("finetuning"), second = tiny_options("lwf");
  first.save_models = true;
  {
    RunFolder folder(scratch / "first");
    Experiment(first, data).run(folder, {});
  }
  second.first_task_from = scratch / "first";
  const Finished taken = finish(second);
  second.first_task_from.clear();
  const Finished whole = finish(second);
  CHECK(changed(whole.states[0], taken.states[0]).empty());
  CHECK(changed(whole.states[1], taken.states[1]).empty());
  CHECK(taken.step_losses.size() == whole.step_losses.size() / 2);

  {  // a run of format 1 counts its files from 0
    json settings = json::parse(read_file(scratch / "first" / "run.json"));
    settings.erase("format");
    scratch.write("older/run.json", settings.dump());
    scratch.write("older/models/task_00.safetensors", read_file(scratch / "first/models/task_01.safetensors"));
    second.first_task_from = scratch / "older";
    CHECK(changed(finish(second).states[1], taken.states[1]).empty());
  }
  second.first_task_from = scratch / "first";
  const auto refusal = [&] {
    try {
      (void)finish(second);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  second.train.epochs = 2;
  CHECK(refusal().find("its training differs") != std::string::npos);
  second.train.epochs = 1;
  second.seed = 5;
  CHECK(refusal().find("its seed differs") != std::string::npos);
  second.seed = 1;
  second.method = "freezing";
  set_option(second.method_options, "--freeze-after", -1);  // an untrained backbone makes another first task
  CHECK(refusal().find("its loss differs") != std::string::npos);
  second.method = "lwf";
  second.first_task_from = scratch / "nowhere";
  CHECK(refusal().find("cannot read") != std::string::npos);
  scratch.write("broken/run.json", "{\"first_task");
  second.first_task_from = scratch / "broken";
  CHECK(refusal().find("does not say how its first task was trained") != std::string::npos);
}

}  // namespace
}  // namespace mneme::test
