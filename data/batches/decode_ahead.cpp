#include "data/batches/decode_ahead.h"

#include <chrono>
#include <system_error>

#include "engine/base/error.h"
#include "engine/base/stop.h"

namespace mneme {

struct DecodeAhead::Job {
  BatchRequest request;
  std::vector<uint8_t> bytes;
  uint32_t begun = 0, done = 0;   // samples
  uint32_t bad = 0;               // the first bad sample
  std::exception_ptr error = {};  // that it threw
  uint32_t samples() const { return static_cast<uint32_t>(request.images.size()); }
};

namespace {

constexpr std::chrono::milliseconds longest_wait{100};  // between two checks for a request to stop

bool same(const BatchRequest& a, const BatchRequest& b) {
  const BatchDraws &x = a.draws, &y = b.draws;
  return a.images == b.images && a.augmentation == b.augmentation && x.key.low == y.key.low &&
         x.key.high == y.key.high && x.task == y.task && x.epoch == y.epoch && x.first_sample == y.first_sample;
}

}  // namespace

DecodeAhead::DecodeAhead(Work work, size_t sample_bytes, int threads, int ahead)
    : work_(std::move(work)), sample_bytes_(sample_bytes), ahead_(static_cast<size_t>(ahead)) {
  try {
    for (int t = 0; t < threads; ++t) threads_.emplace_back([this] { run(); });
  } catch (const std::system_error& error) {
    const size_t started = threads_.size();
    end_threads();
    fail("only {} of {} threads that decode images could be started ({}); lower --decode-threads", started, threads,
         error.code().message());
  }
}

DecodeAhead::~DecodeAhead() { end_threads(); }

void DecodeAhead::end_threads() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_there_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

/// Moves expected batches on, as many as may wait. The caller holds the lock.
void DecodeAhead::start_expected() {
  while (begun_.size() < ahead_ && !expected_.empty()) {
    auto job = std::make_shared<Job>();
    job->request = std::move(expected_.front());
    expected_.pop_front();
    job->bytes.resize(job->samples() * sample_bytes_);
    begun_.push_back(std::move(job));
  }
  work_there_.notify_all();
}

void DecodeAhead::prefetch(std::vector<BatchRequest> batches) {
  const std::lock_guard lock(mutex_);
  expected_ = {std::make_move_iterator(batches.begin()), std::make_move_iterator(batches.end())};
  begun_.clear();  // threads keep what they are at alive
  start_expected();
}

/// A batch with a sample nobody works on. The caller holds the lock.
std::shared_ptr<DecodeAhead::Job> DecodeAhead::next_job() {
  for (const auto* jobs : {&urgent_, &begun_})
    for (const std::shared_ptr<Job>& job : *jobs)
      if (job->begun < job->samples()) return job;
  return nullptr;
}

void DecodeAhead::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    std::shared_ptr<Job> job;
    work_there_.wait(lock, [&] { return stopping_ || (job = next_job()); });
    if (stopping_) return;
    const uint32_t sample = job->begun++;
    lock.unlock();
    std::exception_ptr error;
    try {
      work_(job->request, sample, job->bytes.data() + sample * sample_bytes_);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    if (error && (!job->error || sample < job->bad)) job->error = error, job->bad = sample;
    if (++job->done == job->samples()) sample_done_.notify_all();
  }
}

std::vector<uint8_t> DecodeAhead::take(const BatchRequest& request) {
  std::unique_lock lock(mutex_);
  const bool expected = !begun_.empty() && same(begun_.front()->request, request);
  std::shared_ptr<Job> job = expected ? begun_.front() : std::make_shared<Job>();
  if (!expected) {
    job->request = request;
    job->bytes.resize(job->samples() * sample_bytes_);
    urgent_.push_back(job);
    work_there_.notify_all();
  }
  const auto began = std::chrono::steady_clock::now();
  while (!sample_done_.wait_for(lock, longest_wait, [&] { return job->done == job->samples(); })) stop_if_asked();
  waited_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  if (expected) {
    begun_.pop_front();
    start_expected();
  } else {
    std::erase(urgent_, job);
  }
  if (job->error) std::rethrow_exception(job->error);
  return std::move(job->bytes);
}

}  // namespace mneme
