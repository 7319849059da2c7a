#pragma once
// Results that nobody trained for, and their folders.

#include <filesystem>

#include "incremental/report/results/run_result.h"

namespace mneme::test {

/// Three tasks of two classes. `shift` is added to every accuracy; the settings are as run.json has them.
RunResult made_up_run(const std::string& method, std::uint64_t seed = 1, double shift = 0);

/// The same after two of the tasks.
RunResult made_up_unfinished(const std::string& method);

/// The files that a run leaves behind, as an experiment writes them.
void write_run(const std::filesystem::path& folder, const RunResult& run);

}  // namespace mneme::test
