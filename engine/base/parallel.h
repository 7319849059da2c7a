#pragma once
// Note [Same numbers for any thread count]
// Work is cut into chunks whose borders depend on the work alone, never on the number of threads. A sum is formed for
// each chunk, and the sums of the chunks are added in their order. So one thread and sixteen threads give the same
// bits, and any thread may run any chunk.
//
// Note [A busy machine]
// Each thread starts with its own share of the chunks, because it used that memory last. Afterwards it takes what is
// left of the shares of other threads. So if another program occupies the core of one thread, that delays one chunk and
// not the whole step. Idle threads spin for a moment and then sleep.

#include <algorithm>
#include <cstdint>

namespace mneme {

/// Sets the number of threads of the CPU device. 0 asks for the default: the number of physical cores that this process
/// may use. Returns how many of them the system refused to start; the others are used. Throws Error unless
/// 0 <= threads <= 1024.
int set_threads(int threads);
/// The number of threads of the CPU device.
int threads();
/// The number of the calling thread inside a chunk, in [0, threads()). It selects one of several scratch memories.
int worker();

namespace detail {
/// Calls call(body, c) once for every chunk c in [0, chunks), spread over the threads, and returns when all are done.
/// The first exception that a chunk throws is thrown again by this function, and chunks that have not begun by then are
/// left out. A call from inside a chunk runs serially. Throws StopAsked between two chunks (Note [Stopping]).
void run_chunks(int64_t chunks, void (*call)(const void* body, int64_t chunk), const void* body);
}  // namespace detail

/// Calls body(begin, end) for consecutive chunks of [0, n), spread over the threads. Each chunk has `grain` elements
/// except perhaps the last. Exceptions of body are passed on.
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
