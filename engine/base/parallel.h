#pragma once
// Note [Same numbers for any thread count]
// Work is cut into chunks whose borders depend on the work alone, never on the number of threads; a sum is formed per
// chunk and the chunks are added in order. So one thread and sixteen give the same bits, and any thread may run any
// chunk.
//
// Note [A busy machine]
// Each thread starts on its own share of the chunks, so that it meets the memory it used last, and then takes what is
// left of the others' shares. A thread that another program has pushed off its core thus delays one chunk, not the
// step. Idle threads spin for a moment and then sleep.

#include <algorithm>
#include <cstdint>

namespace mneme {

/// Threads used by the CPU device. 0 asks for the default: the number of physical cores this process may use.
void set_threads(int threads);
int threads();
/// The calling thread's number inside a chunk, in [0, threads()): which of several scratch areas is its own.
int worker();

namespace detail {
/// Calls call(body, c) once for every chunk c in [0, chunks), spread over the threads; returns when all are done. The
/// first exception a chunk throws is thrown again here. Inside a chunk it runs serially.
void run_chunks(int64_t chunks, void (*call)(const void* body, int64_t chunk), const void* body);
}  // namespace detail

/// Calls body(begin, end) for consecutive chunks of [0, n), each `grain` long except the last, spread over the threads.
template <class Body>
void parallel_chunks(int64_t n, int64_t grain, const Body& body) {
  struct Job {
    int64_t n, grain;
    const Body& body;
  } job{n, grain, body};
  detail::run_chunks((n + grain - 1) / grain,
                     [](const void* any, int64_t c) {
                       const Job& j = *static_cast<const Job*>(any);
                       j.body(c * j.grain, std::min(j.n, (c + 1) * j.grain));
                     },
                     &job);
}

}  // namespace mneme
