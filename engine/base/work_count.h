#pragma once
// Counts the work that a GPU is given, by kind: the number of pieces, which costs time to start, and the bytes that
// they must move at least. No GPU is needed to count.

#include <cstdint>
#include <map>
#include <string>

namespace mneme {

/// The work of one kind.
struct WorkOfKind {
  int64_t pieces = 0,  ///< kernels, convolutions, matrix products, copies or fills
      unstated = 0;    ///< the pieces whose functor does not state its bytes
  double bytes = 0;    ///< bytes that the other pieces read and write, each operand once
  /// Compares everything.
  bool operator==(const WorkOfKind&) const = default;
};
/// The sum of both.
WorkOfKind operator+(const WorkOfKind& a, const WorkOfKind& b);

/// The work on the GPU by its kind.
using WorkCount = std::map<std::string, WorkOfKind>;

/// The argument of count_work() for work whose bytes are not stated.
constexpr double bytes_unstated = -1;
/// Counts one kernel, convolution, matrix product, copy or fill, queued or noted in a capture. `bytes` are the sizes of
/// its operands, each counted once for being read and once for being written.
void count_work(const char* kind, double bytes);
/// All work since the program began; empty in a build without CUDA.
WorkCount work_count();
/// The difference `now` - `before`, count by count.
WorkCount work_between(const WorkCount& before, const WorkCount& now);
/// The sum over all kinds.
WorkOfKind total(const WorkCount& count);

}  // namespace mneme
