#pragma once
// A run read back from its folder, finished or not.

#include <filesystem>

#include "incremental/report/results/run_result.h"

namespace mneme {

/// Everything that summary.json, run.json, confusion.csv, metrics.jsonl and last_layer.csv tell, but no class names,
/// seconds or guarantee. A last_layer.csv that is missing, as in older runs, leaves `last_layer` empty. Throws Error,
/// naming the file, if one is missing, is not what a run writes, or does not fit the others.
RunResult stored_run(const std::filesystem::path& folder);

}  // namespace mneme
