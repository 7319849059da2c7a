#pragma once
// The logs of a run during training. metrics.jsonl contains only what the seed determines, so that runs can be compared
// byte by byte. Times are in timing.jsonl. TensorBoard receives both.

#include "incremental/experiment/storage/run_folder.h"
#include "incremental/report/results/run_result.h"

namespace mneme {

/// Writes the logs of a run.
class RunLog {
 public:
  /// Starts the logs; a resumed run passes its epochs and tasks so far. `folder` must outlive the object.
  RunLog(const RunFolder& folder, const RunResult& so_far);
  /// Adds the last epoch of `so_far`.
  void add_epoch(const RunResult& so_far) const;
  /// Adds the last task of `so_far`.
  void add_task(const RunResult& so_far) const;

 private:
  const RunFolder& folder_;
};

/// Sets the times of the epochs of a finished run from timing.jsonl. Returns false if the file lacks some of them.
bool read_times(const RunFolder& folder, RunResult& run);
/// Whether TensorBoard's file has exactly the events of the epochs and tasks of a finished run.
bool has_whole_events(const RunFolder& folder, const RunResult& run);
/// Writes metrics.jsonl and TensorBoard's file again.
void write_logs_again(const RunFolder& folder, const RunResult& run);

}  // namespace mneme
