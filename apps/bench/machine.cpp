#include "apps/bench/machine.h"

#include <sys/resource.h>

#include <memory>
#include <new>
#include <vector>

#include "apps/bench/timing.h"
#include "engine/base/parallel.h"
#include "engine/cpu/isa.h"

namespace mneme {
namespace {

constexpr int tries = 5;
/// Gives every thread an equal piece of work. The slowest thread decides the time, as it does in a training step.
double measure_flops() {
  constexpr int64_t rounds = 4'000'000;
  const Isa& isa = isa_in_use();
  const int64_t workers = threads();
  double best = 0;
  for (int i = 0; i < tries; ++i) {
    std::vector<float> results(static_cast<size_t>(workers));
    const Stopwatch watch;
    parallel_chunks(workers, 1,
                    [&](int64_t w, int64_t) { results[static_cast<size_t>(w)] = isa.multiply_adds(rounds); });
    best = std::max(best, static_cast<double>(isa.flops_a_round * rounds * workers) / watch.seconds());
  }
  return best;
}

double measure_bytes() {
  constexpr int64_t count = int64_t{1} << 25, grain = 1 << 16;
  const std::unique_ptr<float[]> a(new float[count]), b(new float[count]), c(new float[count]);
  float *out = a.get(), *left = b.get(), *right = c.get();
  parallel_chunks(count, grain, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) out[i] = 0, left[i] = 1, right[i] = 2;
  });
  double best = 0;
  for (int i = 0; i < tries; ++i) {
    const Stopwatch watch;
    parallel_chunks(count, grain, [=](int64_t begin, int64_t end) {
#pragma GCC ivdep
      for (int64_t j = begin; j < end; ++j) out[j] = left[j] + 0.5f * right[j];
    });
    best = std::max(best, 12.0 * count / watch.seconds());
  }
  return best;
}

}  // namespace

MachinePeak measure_machine() { return {measure_flops(), measure_bytes()}; }

ProcessMemory process_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {static_cast<size_t>(usage.ru_maxrss) * 1024, usage.ru_minflt + usage.ru_majflt};
}

}  // namespace mneme
