#pragma once
// One page that lists all runs below a folder.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "incremental/report/results/run_result.h"

namespace mneme {

/// A run that was found, readable or not.
struct IndexedRun {
  std::filesystem::path folder;  ///< as found below the folder that was searched
  std::optional<RunResult> run;  ///< its summary and settings; none before the first task ends, or if unreadable
  std::string problem;           ///< why there is no `run`, one line
  double changed = 0;            ///< when its files last changed, seconds since 1970
};

/// All runs at and below `folder`, the one that changed last first. Throws Error if there is no such folder or no run.
std::vector<IndexedRun> indexed_runs(const std::filesystem::path& folder);

/// The page: a table of the runs with method, data, tasks, averages and state, and links to their reports relative to
/// `page_folder`, where the page will lie. Runs of one protocol and one data set share a letter, A being the most
/// frequent; unfinished and unreadable runs are marked. A script in the page sorts and filters the table; without it
/// the table stands in the order of `runs`. `title` names what was searched.
std::string index_html(const std::string& title, const std::vector<IndexedRun>& runs,
                       const std::filesystem::path& page_folder);

}  // namespace mneme
