#pragma once
// How the CPU's convolutions and matrix products cut their work; see Note [Same numbers for any thread count].

#include <algorithm>
#include <cstdint>
#include <exception>
#include <mutex>

#include "engine/base/parallel.h"
#include "engine/device.h"

namespace mneme {

/// Images per chunk: sixteen chunks, unless that gives chunks of fewer than four images.
inline int64_t images_per_chunk(int64_t images) { return std::max<int64_t>(4, (images + 15) / 16); }

/// The same for weight gradients. Each of their chunks holds a whole gradient, so all chunks together take at most 64
/// MiB, or there are two of them.
inline int64_t images_per_gradient(const ConvShape& s) {
  const int64_t bytes = s.k * s.c * s.r * s.s * 4, most = std::clamp<int64_t>((int64_t{64} << 20) / bytes, 2, 16);
  return std::max<int64_t>(4, (s.n + most - 1) / most);
}

/// Rows of a product (M, K) (K, N) per chunk: about a million multiplications, and at least sixteen rows.
inline int64_t rows_per_chunk(int64_t n, int64_t k) {
  return std::max<int64_t>(16, (int64_t{1} << 20) / std::max<int64_t>(1, n * k) / 16 * 16);
}

/// Keeps the first exception that is thrown inside a parallel region until the calling thread can throw it.
class FirstFailure {
 public:
  /// Runs `body` and keeps its exception if it is the first.
  template <class Body>
  void keep(const Body& body) {
    try {
      body();
    } catch (...) {
      std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }
  /// Throws the exception that was kept, if there is one.
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::mutex mutex_;
  std::exception_ptr failure_;
};

/// parallel_chunks() for bodies that may throw.
template <class Body>
void parallel_chunks_that_may_fail(int64_t n, int64_t grain, const Body& body) {
  FirstFailure failure;
  parallel_chunks(n, grain, [&](int64_t begin, int64_t end) { failure.keep([&] { body(begin, end); }); });
  failure.rethrow();
}

/// sum[i] = parts[0][i] + parts[1][i] + ... in this order. The parts lie `count` floats apart, and the sum replaces the
/// first.
inline void add_parts_in_order(float* parts, int64_t how_many, int64_t count) {
  parallel_chunks(count, 4096, [=](int64_t begin, int64_t end) {
    for (int64_t part = 1; part < how_many; ++part)
      for (int64_t i = begin; i < end; ++i) parts[i] += parts[part * count + i];
  });
}

}  // namespace mneme
