#pragma once
// Runs with invented results, and folders that contain them.

#include <filesystem>

#include "incremental/report/results/run_result.h"

namespace mneme::test {

/// Three tasks of two classes. `shift` is added to every accuracy. The settings have the form of run.json.
RunResult made_up_run(const std::string& method, std::uint64_t seed = 1, double shift = 0);

/// The invented run of this method when two of its tasks are done.
RunResult made_up_unfinished(const std::string& method);

/// Writes the files of a run as an experiment does.
void write_run(const std::filesystem::path& folder, const RunResult& run);

}  // namespace mneme::test
