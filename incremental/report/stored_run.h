#pragma once
// A finished run read back from its folder.

#include <filesystem>

#include "incremental/report/run_result.h"

namespace mneme {

/// Method, tasks, accuracies and last layers from summary.json and last_layer.csv. Throws Error, naming the file, if
/// one is missing or is not what a run writes.
RunResult stored_run(const std::filesystem::path& folder);

}  // namespace mneme
