#pragma once
// Finds the runs that a user names on a command line: folders of runs, folders of seeds or of anything that contains
// runs, patterns, and summaries by any name.

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace mneme {

/// True if the folder is one of a run, finished, unfinished or not yet through its first task.
bool is_run_folder(const std::filesystem::path& folder);

/// The folders of runs at and below `folder`, in the order of their names, numbers by their value: seed2 before seed10.
/// Folders inside a run's folder, and links to folders, are not searched.
std::vector<std::filesystem::path> run_folders_below(const std::filesystem::path& folder);

/// The files and folders that these words name, without repetitions. A word is
/// - a run's folder, or a file that ends in .json, which is taken for a summary by any name;
/// - any other folder: the runs below it that have finished their first task;
/// - a pattern with *, ? or [...], where no such file exists: everything that it matches is treated
///   as above, and matches without a run are left out.
/// Throws Error for a word that stands for no run, with the reason.
std::vector<std::filesystem::path> named_runs(std::span<const std::string> words);

/// True if `a` comes before `b` in the order of people: numbers in names by their value.
bool in_natural_order(const std::string& a, const std::string& b);

}  // namespace mneme
