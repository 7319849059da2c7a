#pragma once
// report.html: a self-contained page about one run, without external files.

#include "incremental/report/results/run_result.h"

#include <string>

namespace mneme {

/// The whole page. For a run that stopped early it shows the results so far and says so. Throws Error if no task is
/// done or if the parts of `run` are inconsistent.
std::string report_html(const RunResult& run);

}  // namespace mneme
