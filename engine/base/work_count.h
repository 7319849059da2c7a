#pragma once
// How much work the GPU was given, by kind: what it costs the host and the GPU to start it, and the bytes that it has
// to move at least, are counted here, without a GPU to measure either.

#include <cstdint>
#include <map>
#include <string>

namespace mneme {

/// The work of one kind.
struct WorkOfKind {
  int64_t pieces = 0,  ///< kernels, convolutions, matrix products, copies or fills
      unstated = 0;    ///< those of them that do not say which bytes they move
  double bytes = 0;    ///< sizes of the operands of the others, each read or written once
  /// Compares everything.
  bool operator==(const WorkOfKind&) const = default;
};
/// Adds up both.
WorkOfKind operator+(const WorkOfKind& a, const WorkOfKind& b);

/// The work on the GPU by its kind.
using WorkCount = std::map<std::string, WorkOfKind>;

/// The argument of count_work() for work whose bytes nobody states.
constexpr double bytes_unstated = -1;
/// Counts one kernel, convolution, matrix product, copy or fill, queued or noted in a capture. `bytes` are the sizes of
/// its operands, each counted once for being read and once for being written.
void count_work(const char* kind, double bytes);
/// All since the program began; empty in a build without CUDA.
WorkCount work_count();
/// What `now` has more than `before`.
WorkCount work_between(const WorkCount& before, const WorkCount& now);
/// The sum over all kinds.
WorkOfKind total(const WorkCount& count);

}  // namespace mneme
