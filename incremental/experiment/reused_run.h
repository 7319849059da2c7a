#pragma once
// What a run takes from the folder of another run instead of computing it: the weights after the first task
// (--first-task-from), and the exemplars (--exemplars-from).

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "engine/safetensors.h"
#include "incremental/memory/exemplar_ledger.h"
#include "incremental/memory/exemplars.h"
#include "incremental/protocol/scenario.h"

namespace mneme {

class IncrementalLearner;

/// All settings that the learner's first task depends on. Runs that have the same ones learn the same weights in it.
/// `data` is what data_settings() returned.
nlohmann::json first_task_record(const IncrementalLearner& learner, const nlohmann::json& data);

/// The network's weights after the first task of the run in `folder`. `ours` is the first_task_record() of `learner`.
/// Throws Error if the folder cannot be read, if the run's first task had other settings, or if the weights do not fit.
NamedTensors first_task_of_run(const std::filesystem::path& folder, const IncrementalLearner& learner,
                               const nlohmann::json& ours);

/// The exemplars of the run in `folder`. Throws Error if they cannot be read or do not fit scenario and memory.
std::vector<ExemplarRow> exemplars_of_run(const std::filesystem::path& folder, const Scenario& scenario,
                                          const MemoryBudget& memory);

}  // namespace mneme
