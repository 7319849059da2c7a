#include "incremental/experiment/storage/provenance.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <ctime>
#include <fstream>

#include "engine/base/parallel.h"
#include "engine/base/version.h"

namespace mneme {
namespace {

using nlohmann::json;

/// The model of the processor as Linux names it; empty if it does not.
std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name"))
      if (const size_t colon = line.find(": "); colon != std::string::npos) return line.substr(colon + 2);
  return {};
}

/// What `git describe` said when the program was built; empty if there was no repository.
std::string commit() {
  const std::string whole = version();
  const size_t plus = whole.find('+');
  return plus == std::string::npos ? "" : whole.substr(plus + 1);
}

/// The libraries that this program was compiled with. The device's own are in the setting "backend".
json libraries() {
  return {{"fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100)},
          {"nlohmann_json", fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
                                        NLOHMANN_JSON_VERSION_PATCH)},
          {"openmp", _OPENMP}};
}

}  // namespace

std::string utc_now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

json provenance_of(const RunOrigin& origin) {
  utsname system = {};
  uname(&system);
  return {{"program", origin.program},
          {"command", origin.command},
          {"flags", origin.flags},
          {"started", utc_now()},
          {"seconds", 0.0},
          {"host", system.nodename},
          {"system", fmt::format("{} {} {}", system.sysname, system.release, system.machine)},
          {"processor", processor_name()},
          {"threads", threads()},
          {"version", version()},
          {"commit", commit()},
          {"compiler", __VERSION__},
          {"libraries", libraries()}};
}

json resumed_provenance(json before, const RunOrigin& origin) {
  if (!before.is_object()) return provenance_of(origin);
  json& resumed = before["resumed"];
  if (!resumed.is_array()) resumed = json::array();
  resumed.push_back({{"command", origin.command}, {"started", utc_now()}, {"version", version()}});
  return before;
}

json run_json(const RunResult& run) {
  json content = run.settings;
  if (run.provenance.is_object()) content["provenance"] = run.provenance;
  return content;
}

json settings_in_run_json(json content) {
  if (content.is_object()) content.erase("provenance");
  return content;
}

}  // namespace mneme
