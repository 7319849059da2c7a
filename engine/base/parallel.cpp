#include "engine/base/parallel.h"

#include <omp.h>
#include <sched.h>

#include <atomic>
#include <exception>
#include <fstream>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/stop.h"

namespace mneme {
namespace {

constexpr int spins_before_sleep = 20000;  // about 100 microseconds: longer than the gaps between operations

thread_local bool inside_chunk = false;
thread_local int worker_number = 0;

/// The chunks that one thread starts with, as begin << 32 | end. The owner takes chunks from the front, other threads
/// from the back.
struct alignas(64) Share {
  std::atomic<uint64_t> range{0};

  static uint64_t pack(int64_t begin, int64_t end) {
    return static_cast<uint64_t>(begin) << 32 | static_cast<uint64_t>(end);
  }

  int64_t take(bool from_front) {
    uint64_t now = range.load(std::memory_order_acquire);
    for (;;) {
      const auto begin = static_cast<int64_t>(now >> 32), end = static_cast<int64_t>(now & 0xFFFFFFFF);
      if (begin >= end) return -1;
      const uint64_t rest = from_front ? pack(begin + 1, end) : pack(begin, end - 1);
      if (range.compare_exchange_weak(now, rest, std::memory_order_acq_rel)) return from_front ? begin : end - 1;
    }
  }
};

/// The threads besides the calling one. The fields of a job change only when none of its chunks is left. So a thread
/// that comes late can never run the body of an old job.
class Workers {
 public:
  /// Starts `count` - 1 threads, or fewer if the system refuses more.
  explicit Workers(int count) : shares_(static_cast<size_t>(count)) {
    threads_.reserve(shares_.size());
    try {
      for (int i = 1; i < count; ++i) threads_.emplace_back([this, i] { serve(static_cast<size_t>(i)); });
    } catch (const std::system_error&) {
    }
  }

  ~Workers() {
    stopping_ = true;
    generation_.fetch_add(1);
    generation_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  int wanted() const { return static_cast<int>(shares_.size()); }
  int count() const { return static_cast<int>(threads_.size()) + 1; }

  void run(int64_t chunks, void (*call)(const void*, int64_t), const void* body) {
    call_ = call;
    body_ = body;
    left_.store(chunks, std::memory_order_relaxed);
    failed_.store(false, std::memory_order_relaxed);
    const auto people = int64_t{count()};
    for (int64_t i = 0; i < people; ++i)
      shares_[static_cast<size_t>(i)].range.store(Share::pack(chunks * i / people, chunks * (i + 1) / people),
                                                  std::memory_order_release);
    generation_.fetch_add(1, std::memory_order_release);
    generation_.notify_all();
    work(0);
    for (int spin = 0; left_.load(std::memory_order_acquire) > 0; ++spin)
      spin < spins_before_sleep ? __builtin_ia32_pause() : std::this_thread::yield();
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

 private:
  void serve(size_t self) {
    omp_set_num_threads(1);  // a library that a chunk calls stays on the thread of that chunk
    worker_number = static_cast<int>(self);
    uint32_t seen = 0;
    while (!stopping_) {
      for (int spin = 0; generation_.load(std::memory_order_acquire) == seen && spin < spins_before_sleep; ++spin)
        __builtin_ia32_pause();
      generation_.wait(seen, std::memory_order_acquire);
      seen = generation_.load(std::memory_order_acquire);
      work(self);
    }
  }

  void work(size_t self) {
    inside_chunk = true;
    for (size_t i = 0; i < shares_.size(); ++i) {
      Share& share = shares_[(self + i) % shares_.size()];
      for (int64_t chunk; (chunk = share.take(i == 0)) >= 0;) run_one(chunk);
    }
    inside_chunk = false;
  }

  /// Runs one chunk. Once a chunk has failed, the remaining ones are skipped.
  void run_one(int64_t chunk) {
    try {
      stop_if_asked();
      if (!failed_.load(std::memory_order_relaxed)) call_(body_, chunk);
    } catch (...) {
      std::lock_guard lock(failure_mutex_);
      if (!failure_) failure_ = std::current_exception();
      failed_.store(true, std::memory_order_relaxed);
    }
    left_.fetch_sub(1, std::memory_order_acq_rel);
  }

  std::vector<Share> shares_;
  std::vector<std::thread> threads_;
  std::atomic<uint32_t> generation_{0};
  std::atomic<int64_t> left_{0};
  std::atomic<bool> stopping_{false}, failed_{false};
  void (*call_)(const void*, int64_t) = nullptr;
  const void* body_ = nullptr;
  std::mutex failure_mutex_;
  std::exception_ptr failure_;
};

/// The physical cores that this process may run on. Hyper-threads are not counted, because two of them share the vector
/// units that training saturates.
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
std::unique_ptr<Workers> workers;

}  // namespace

int set_threads(int count) {
  MNEME_CHECK(count >= 0 && count <= 1024, "--threads takes 1 to 1024, or 0 for the number of physical cores; got {}",
              count);
  const int wanted = count > 0 ? count : physical_cores();
  omp_set_num_threads(1);
  if (!workers || workers->wanted() != wanted) {
    workers.reset();  // ends the old threads first, so that old and new ones never use memory at the same time
    workers = std::make_unique<Workers>(wanted);
    // If the system has refused a thread, the others have taken the last memory for threads. Half of them are given up,
    // so that memory is left to compute with.
    if (const int started = workers->count(); started < wanted) {
      workers.reset();
      workers = std::make_unique<Workers>(std::min(std::max(1, started / 2), physical_cores()));
    }
  }
  chosen = workers->count();
  return wanted - chosen;
}

int threads() {
  if (chosen == 0) set_threads(0);
  return chosen;
}

int worker() { return worker_number; }

void detail::run_chunks(int64_t chunks, void (*call)(const void*, int64_t), const void* body) {
  if (chunks > 1 && !inside_chunk && threads() > 1) return workers->run(chunks, call, body);
  for (int64_t c = 0; c < chunks; ++c) {
    stop_if_asked();
    call(body, c);
  }
}

}  // namespace mneme
