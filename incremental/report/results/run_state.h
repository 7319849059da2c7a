#pragma once
// Tells from the files of a run whether it has come to its end.

#include <filesystem>
#include <string>

namespace mneme {

/// Why the run in `folder` is unfinished: another process is writing it; or it was stopped or killed. Empty if it is
/// finished: a run removes its checkpoints last, and summary.json is the last of the files that it keeps. `tasks_done`
/// is the number that summary.json tells.
std::string why_unfinished(const std::filesystem::path& folder, int tasks_done);

}  // namespace mneme
