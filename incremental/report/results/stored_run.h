#pragma once
// Reads a run from its folder, whether finished or not.

#include <filesystem>

#include "incremental/report/results/run_result.h"

namespace mneme {

/// Reads summary.json, run.json, confusion.csv, metrics.jsonl and last_layer.csv. Class names, times of epochs and
/// the guarantee are not stored there and stay empty. A missing last_layer.csv, as in older runs, leaves `last_layer`
/// empty. Throws Error if another file is missing, malformed, or inconsistent with the others; the message names the
/// file.
RunResult stored_run(const std::filesystem::path& folder);

}  // namespace mneme
