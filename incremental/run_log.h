#pragma once
// What a run writes down while it trains, epoch by epoch. metrics.jsonl holds what the seed decides and nothing else,
// so that two runs may be compared byte for byte; how long things took is in timing.jsonl.

#include "incremental/report/run_result.h"
#include "incremental/run_folder.h"

namespace mneme {

class RunLog {
 public:
  /// Begins the logs with the epochs that a resumed run brings along.
  RunLog(const RunFolder& folder, const RunResult& so_far);
  void add(const EpochRecord& epoch) const;

 private:
  const RunFolder& folder_;
};

}  // namespace mneme
