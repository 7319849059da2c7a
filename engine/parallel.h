#pragma once
// Note [Same numbers for any thread count]
// Work is cut into chunks whose borders depend on the work alone, never on the number of threads; a sum is formed per
// chunk and the chunks are added in order. So one thread and sixteen give the same bits.

#include <omp.h>

#include <algorithm>
#include <cstdint>

namespace mneme {

/// Threads used by the CPU device. 0 asks for the default: the number of physical cores this process may use.
void set_threads(int threads);
int threads();

/// Calls body(begin, end) for consecutive chunks of [0, n), each `grain` long except the last, spread over the threads.
template <class Body>
void parallel_chunks(int64_t n, int64_t grain, const Body& body) {
  const int64_t chunks = (n + grain - 1) / grain;
  if (chunks <= 1 || threads() == 1) {
    for (int64_t c = 0; c < chunks; ++c) body(c * grain, std::min(n, (c + 1) * grain));
    return;
  }
#pragma omp parallel for schedule(static) num_threads(threads())
  for (int64_t c = 0; c < chunks; ++c) body(c * grain, std::min(n, (c + 1) * grain));
}

}  // namespace mneme
