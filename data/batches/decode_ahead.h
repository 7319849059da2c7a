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
  /// Fills sample `sample` of `request`, `sample_bytes` at `out`. Called from several threads at once. May throw.
  using Work = std::function<void(const BatchRequest& request, uint32_t sample, uint8_t* out)>;

  /// At most `ahead` expected batches are worked on or wait at a time.
  DecodeAhead(Work work, size_t sample_bytes, int threads, int ahead);
  ~DecodeAhead();
  DecodeAhead(const DecodeAhead&) = delete;
  DecodeAhead& operator=(const DecodeAhead&) = delete;

  /// Forgets what was expected before; work on the first of these begins.
  void prefetch(std::vector<BatchRequest> batches);
  /// All samples of the request, one behind the other. If it is the next expected batch, that is taken; otherwise it is
  /// worked on before anything else. Throws what the work on its first bad sample threw.
  std::vector<uint8_t> take(const BatchRequest& request);
  /// All that take() has spent waiting.
  double seconds_waited() const { return waited_; }

 private:
  struct Job;
  std::shared_ptr<Job> next_job();
  void start_expected();
  void run();

  const Work work_;
  const size_t sample_bytes_, ahead_;
  std::mutex mutex_;
  std::condition_variable work_there_, sample_done_;
  std::deque<BatchRequest> expected_;        // not begun
  std::deque<std::shared_ptr<Job>> begun_;   // expected ones, in order
  std::deque<std::shared_ptr<Job>> urgent_;  // asked for without having been expected
  bool stopping_ = false;
  double waited_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace mneme
