#pragma once
// report.html: one self-contained page about one run. No scripts, nothing loaded from elsewhere.

#include "incremental/report/results/run_result.h"

#include <string>

namespace mneme {

/// The whole page. A run that stopped early is reported as far as it came, and the page says so. Throws Error when
/// there is no task to report yet, or when the parts of `run` contradict each other.
std::string report_html(const RunResult& run);

}  // namespace mneme
