#pragma once
// How a run was made: the command, when and where it ran, and by which build. run.json holds it beside the settings, as
// the entry "provenance". The settings decide the results; the provenance does not, and differs from run to run.

#include <nlohmann/json.hpp>
#include <string>

#include "incremental/report/results/run_result.h"

namespace mneme {

/// How a program was started.
struct RunOrigin {
  std::string program;                              ///< "cifar100"; empty: the run was not started by a program
  std::string command;                              ///< the command line, as a shell reads it
  nlohmann::json flags = nlohmann::json::object();  ///< the flags given that decide the run, by name without dashes
};

/// The provenance of a run that begins now: program, command, flags, start, host, processor, threads, version, commit,
/// compiler and libraries.
nlohmann::json provenance_of(const RunOrigin& origin);

/// The provenance of a run that continues now: `before`, with the present command and time under "resumed".
nlohmann::json resumed_provenance(nlohmann::json before, const RunOrigin& origin);

/// The content of run.json: the settings, and the provenance if there is one.
nlohmann::json run_json(const RunResult& run);

/// The settings in the content of a run.json, without its provenance.
nlohmann::json settings_in_run_json(nlohmann::json content);

/// The present time as ISO 8601 in UTC: "2026-12-01T09:15:00Z".
std::string utc_now();

}  // namespace mneme
