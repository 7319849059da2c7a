#include "incremental/experiment/reused_run.h"

#include <fstream>

#include "data/files/file_bytes.h"
#include "engine/base/error.h"
#include "incremental/experiment/incremental_learner.h"
#include "incremental/experiment/settings.h"
#include "incremental/models/model_file.h"
#include "incremental/report/results/run_format.h"

namespace mneme {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// The content of run.json in `folder`. Throws Error unless it says that the first task had the settings `ours`.
json checked_settings(const fs::path& folder, const json& ours) {
  const fs::path settings = folder / "run.json";
  std::ifstream file(settings);
  MNEME_CHECK(file, "--first-task-from: cannot read {}: give the output folder of a finished run", settings.string());
  const json all = json::parse(file, nullptr, false);
  MNEME_CHECK(all.is_object() && all.contains("first_task") && all["first_task"].is_object(),
              "--first-task-from: {} does not say how its first task was trained; is it this program's?",
              settings.string());
  const json& theirs = all["first_task"];
  json both = theirs;
  both.update(ours);
  for (const auto& [key, either] : both.items())
    MNEME_CHECK(theirs.contains(key) && ours.contains(key) && theirs[key] == ours[key],
                "--first-task-from: {} was run with another first task: its {} differs ({})", folder.string(), key,
                json::diff(theirs.value(key, json()), ours.value(key, json())).dump());
  return all;
}

/// The number that the files of the run in `folder` give to the first task: 0 in old runs, else 1. A run without
/// run.json counts as a new one.
int first_task_in(const fs::path& folder) {
  std::ifstream file(folder / "run.json");
  return file ? first_task_number(json::parse(file, nullptr, false)) : 1;
}

}  // namespace

json first_task_record(const IncrementalLearner& learner, const json& data) {
  const Method& method = learner.method();
  const ReplayBuffer& buffer = learner.replay_buffer();
  const bool plain =
      method.is_cross_entropy(learner.context(0, buffer.training(0))) && method.freeze_backbone_after.value_or(0) >= 0;
  json settings = first_task_settings(learner.options(), data, learner.scenario(),
                                      plain ? "cross-entropy" : learner.options().method);
  if (const size_t held_out = buffer.held_out(0).size()) settings["held_out_images"] = held_out;
  return settings;
}

NamedTensors first_task_of_run(const fs::path& folder, const IncrementalLearner& learner, const json& ours) {
  const int first_task = first_task_number(checked_settings(folder, ours));
  const std::string file = fmt::format("task_{:02}.safetensors", first_task);
  NamedTensors weights = network_tensors(read_safetensors(folder / "models" / file).tensors);
  const int first_classes[] = {learner.scenario().classes_per_task[0]};
  load_state(*learner.networks().untrained(first_classes, learner.options().seed), weights);  // throws unless they fit
  return weights;
}

std::vector<ExemplarRow> exemplars_of_run(const fs::path& folder, const Scenario& scenario,
                                          const MemoryBudget& memory) {
  const std::string name = (folder / "exemplars.csv").string();
  std::vector<ExemplarRow> ledger = parse_ledger(read_file(name), name, first_task_in(folder));
  check_ledger(ledger, scenario, memory, name);
  return ledger;
}

}  // namespace mneme
