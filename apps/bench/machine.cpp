#include "apps/bench/machine.h"

#include <sys/resource.h>

#include <memory>
#include <new>

#include "apps/bench/timing.h"
#include "engine/parallel.h"

namespace mneme {
namespace {

constexpr int tries = 5;
constexpr int chains = 12;  // independent sums: more than latency times units, fewer than registers
using Vector [[gnu::vector_size(__BIGGEST_ALIGNMENT__)]] = float;
constexpr int64_t lanes = sizeof(Vector) / sizeof(float);

[[gnu::noinline]] float multiply_add(int64_t rounds) {
  Vector sums[chains] = {}, factor = Vector{} + 0.999f, term = Vector{} + 0.001f;
  for (int64_t r = 0; r < rounds; ++r) {
    for (Vector& sum : sums) sum = sum * factor + term;
    asm volatile("" : "+m"(rounds));  // the loop stays a loop
  }
  Vector total = {};
  for (const Vector& sum : sums) total += sum;
  return total[0];
}

double measure_flops() {
  constexpr int64_t rounds = 4'000'000;
  const int workers = threads();
  double best = 0;
  for (int i = 0; i < tries; ++i) {
    float sink = 0;
    const Stopwatch watch;
#pragma omp parallel for schedule(static) num_threads(workers) reduction(+ : sink)
    for (int worker = 0; worker < workers; ++worker) sink += multiply_add(rounds);
    const double seconds = watch.seconds();
    asm volatile("" : : "m"(sink));  // the result counts as used
    best = std::max(best, 2.0 * chains * lanes * rounds * workers / seconds);
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
