#pragma once
// Reads a run from its folder, whether finished or not.

#include <filesystem>

#include "incremental/report/results/run_result.h"

namespace mneme {

/// Reads summary.json, run.json, confusion.csv, metrics.jsonl, last_layer.csv and the class names of
/// class_accuracy.csv. Times of epochs and the guarantee are not stored there and stay empty. Older runs lack the last
/// two files: `last_layer` or `class_names` stay empty. Throws Error if another file is missing, malformed, or
/// inconsistent with the others; the message names the file, and says so if the run is unfinished.
RunResult stored_run(const std::filesystem::path& folder);

/// Reads the numbers of a run alone: `path` is its folder or its summary.json by any name; run.json is read if it lies
/// beside it (for NAME.summary.json: NAME.run.json). Epochs, confusion and last layers stay empty. Throws Error as
/// stored_run() does, and if the averages depend on the numbers of test images and nothing tells them, as in summaries
/// of older versions without their confusion.csv.
RunResult stored_summary(const std::filesystem::path& path);

}  // namespace mneme
