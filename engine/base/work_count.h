#pragma once
// How much work the GPU was given, by kind: what it costs the host and the GPU to start it is counted here, without a
// GPU to measure it.

#include <cstdint>
#include <map>
#include <string>

namespace mneme {

/// For each kind of work on the GPU, how many pieces were counted.
using WorkCount = std::map<std::string, int64_t>;

/// Counts one kernel, convolution, matrix product, copy or fill, queued or noted in a capture.
void count_work(const char* kind);
/// All since the program began; empty in a build without CUDA.
WorkCount work_count();
/// What `now` has more than `before`.
WorkCount work_between(const WorkCount& before, const WorkCount& now);
/// The sum over all kinds.
int64_t total(const WorkCount& count);

}  // namespace mneme
