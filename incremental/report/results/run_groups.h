#pragma once
// Runs to be compared: which are repetitions of each other, what to call them, and whether they may be compared at all.

#include <span>
#include <string>
#include <vector>

#include "incremental/report/results/run_result.h"
#include "incremental/report/results/settings_difference.h"

namespace mneme {

struct NamedRun {
  std::string name;  ///< its folder, as the user wrote it
  RunResult run;
};

/// Runs that differ in nothing but their seed.
struct RunGroup {
  std::string label;           ///< no other group's
  std::vector<NamedRun> runs;  ///< at least one, by seed; as many tasks done

  const RunResult& first() const { return runs.front().run; }
  bool is_complete() const { return first().tasks_done() == first().tasks_planned(); }
};

/// The method, and the slots that were chosen in place of its own: "lucir (sampler ratio)".
std::string name_with_slots(const RunResult& run);

/// The run in each folder, or the runs that --seeds put into it; none twice. Throws Error as stored_run() does.
std::vector<NamedRun> runs_in(std::span<const std::string> folders);

/// In the order of their first runs. A seed that is there twice, as from another machine, makes a group of its own.
/// Labels say the method, then where needed the preset, the settings that tell groups apart, or the folder.
std::vector<RunGroup> grouped(std::vector<NamedRun> runs);

/// Throws Error, naming both ids and the settings that differ, unless all have one protocol and one data set.
void check_comparable(std::span<const NamedRun> runs);

/// What decides a run's results, without seed and machine.
nlohmann::json deciding_settings(const RunResult& run);

/// Where two protocols, or two data sets, differ; empty where run.json does not tell.
std::vector<Difference> protocol_differences(const RunResult& there, const RunResult& here);
std::vector<Difference> data_differences(const RunResult& there, const RunResult& here);

/// Mean and sample deviation (NaN of a single run) of one of a group's numbers.
struct Spread {
  double mean = 0, deviation = 0;
};
/// `key` is the number's name in summary.json.
Spread spread_of(const RunGroup& group, const std::string& key);

}  // namespace mneme
