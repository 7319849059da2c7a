#pragma once
// What a run writes down while it trains. metrics.jsonl holds what the seed decides and nothing else, so that two runs
// may be compared byte for byte; how long things took is in timing.jsonl. TensorBoard gets both.

#include "incremental/experiment/storage/run_folder.h"
#include "incremental/report/results/run_result.h"

namespace mneme {

class RunLog {
 public:
  /// Begins the logs with what a resumed run brings along.
  RunLog(const RunFolder& folder, const RunResult& so_far);
  /// The last epoch of `so_far`, or its last task.
  void add_epoch(const RunResult& so_far) const;
  void add_task(const RunResult& so_far) const;

 private:
  const RunFolder& folder_;
};

}  // namespace mneme
