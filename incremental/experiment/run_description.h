#pragma once
// What is known about a run before it trains: the beginning of its result.

#include <nlohmann/json.hpp>

#include "incremental/experiment/incremental_learner.h"
#include "incremental/report/results/run_result.h"

namespace mneme {

/// A result without measurements: names, class counts, remarks and all settings. `data` is what data_settings()
/// returned, `first_task` what first_task_record() returned.
RunResult describe_run(const IncrementalLearner& learner, const nlohmann::json& data, const nlohmann::json& first_task);

}  // namespace mneme
