#pragma once
// Groups of runs to compare: which runs are repetitions of each other, how groups are labelled, and whether runs may be
// compared.

#include <span>
#include <string>
#include <vector>

#include "incremental/report/results/run_result.h"
#include "incremental/report/results/settings_difference.h"

namespace mneme {

/// A run with its folder.
struct NamedRun {
  std::string name;  ///< the folder, as the user wrote it
  RunResult run;     ///< the run's results
};

/// Runs that differ only in their seed.
struct RunGroup {
  std::string label;           ///< different from the labels of all other groups
  std::vector<NamedRun> runs;  ///< at least one, by seed, all with the same number of tasks done

  /// The run with the smallest seed.
  const RunResult& first() const { return runs.front().run; }
  /// True if all planned tasks are done.
  bool is_complete() const { return first().tasks_done() == first().tasks_planned(); }
};

/// The method, and the slots that replace its own: "lucir (sampler ratio)".
std::string name_with_slots(const RunResult& run);

/// How much of a run is read.
enum class Reading {
  whole,    ///< everything, as stored_run() does
  summary,  ///< the numbers alone, as stored_summary() does
};
/// The runs that the words name, see named_runs(). Throws Error as stored_run() and stored_summary() do, and for a
/// summary by another name that is to be read as a whole.
std::vector<NamedRun> runs_in(std::span<const std::string> words, Reading reading = Reading::whole);

/// Groups the runs, in the order of their first runs. A second run with the same seed, for example from another
/// machine, forms a group of its own. A label contains the method and, if needed, the preset, the settings that differ,
/// or the folder.
std::vector<RunGroup> grouped(std::vector<NamedRun> runs);

/// Throws Error unless all runs have the same protocol and the same data set. The message contains both ids and the
/// settings that differ.
void check_comparable(std::span<const NamedRun> runs);

/// The settings that determine a run's results, without seed and machine.
nlohmann::json deciding_settings(const RunResult& run);
/// Those of them that belong to the method and not to the protocol.
inline constexpr const char* settings_of_the_method[] = {"method", "prediction_rule", "auxiliary"};

/// The settings in which the protocols of two runs differ; empty if run.json does not contain them.
std::vector<Difference> protocol_differences(const RunResult& there, const RunResult& here);
/// The settings in which the data sets of two runs differ; empty if run.json does not contain them.
std::vector<Difference> data_differences(const RunResult& there, const RunResult& here);

/// The mean and sample standard deviation of a value over the runs of a group.
struct Spread {
  double mean = 0,    ///< mean
      deviation = 0;  ///< NaN for a single run
};
/// The spread of the value called `key` in summary.json. Throws Error for an unknown key.
Spread spread_of(const RunGroup& group, const std::string& key);

}  // namespace mneme
