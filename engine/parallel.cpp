#include "engine/parallel.h"

#include <fstream>
#include <set>
#include <string>
#include <utility>

#include "engine/error.h"

#include <sched.h>

namespace mneme {
namespace {

/// Physical cores among those this process may run on: hyper-threads share the vector units that training saturates.
int physical_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 1;
  std::set<std::pair<int, int>> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    const std::string topology = fmt::format("/sys/devices/system/cpu/cpu{}/topology/", cpu);
    int package = 0, core = cpu;
    std::ifstream(topology + "physical_package_id") >> package;
    std::ifstream core_file(topology + "core_id");
    if (!(core_file >> core)) core = cpu;
    cores.emplace(package, core);
  }
  return std::max<int>(1, static_cast<int>(cores.size()));
}

int chosen = 0;

}  // namespace

void set_threads(int count) {
  MNEME_CHECK(count >= 0 && count <= 1024, "--threads takes 1 to 1024, or 0 for the number of physical cores; got {}", count);
  chosen = count > 0 ? count : physical_cores();
  omp_set_num_threads(chosen);
}

int threads() {
  if (chosen == 0) set_threads(0);
  return chosen;
}

}  // namespace mneme
