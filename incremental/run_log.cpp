#include "incremental/run_log.h"

namespace mneme {

RunLog::RunLog(const RunFolder& folder, const RunResult& so_far) : folder_(folder) {
  std::vector<nlohmann::json> metrics, timing;
  for (const EpochRecord& epoch : so_far.epochs) {
    metrics.push_back(as_json(epoch));
    timing.push_back(timing_as_json(epoch));
  }
  folder_.write_metrics(metrics);
  folder_.write_timing(timing);
}

void RunLog::add(const EpochRecord& epoch) const {
  folder_.append_metrics(as_json(epoch));
  folder_.append_timing(timing_as_json(epoch));
}

}  // namespace mneme
