#pragma once
// Threads that prepare batches before they are asked for: the order of work, apart from what the work is.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "data/batches/image_source.h"

namespace mneme {

class DecodeAhead {
 public:
  /// Fills the `sample_bytes` bytes at `out` with sample `sample` of `request`. Several threads call it at once. May
  /// throw.
  using Work = std::function<void(const BatchRequest& request, uint32_t sample, uint8_t* out)>;

  /// Starts `threads` threads. Throws Error if the system refuses one. At most `ahead` expected batches are worked on,
  /// or wait to be taken, at a time.
  DecodeAhead(Work work, size_t sample_bytes, int threads, int ahead);
  ~DecodeAhead();
  DecodeAhead(const DecodeAhead&) = delete;
  DecodeAhead& operator=(const DecodeAhead&) = delete;

  /// Forgets which batches were expected before; work on the first of these begins at once.
  void prefetch(std::vector<BatchRequest> batches);
  /// The bytes of all samples of the request, one sample behind the other. The next expected batch is taken if it is
  /// this one; otherwise the request is worked on before anything else. Throws what the work on its first bad sample
  /// threw, and StopAsked while it waits (Note [Stopping]).
  std::vector<uint8_t> take(const BatchRequest& request);
  /// How many seconds take() has spent waiting in all.
  double seconds_waited() const { return waited_; }

 private:
  struct Job;
  std::shared_ptr<Job> next_job();
  void start_expected();
  void run();
  void end_threads();

  const Work work_;
  const size_t sample_bytes_, ahead_;
  std::mutex mutex_;
  std::condition_variable work_there_, sample_done_;
  std::deque<BatchRequest> expected_;        // expected batches whose decoding has not begun
  std::deque<std::shared_ptr<Job>> begun_;   // expected batches whose decoding has begun, in order
  std::deque<std::shared_ptr<Job>> urgent_;  // batches that were asked for and had not been expected
  bool stopping_ = false;
  double waited_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace mneme
