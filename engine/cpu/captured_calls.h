#pragma once
// How the reference device captures steps (Note [Captured steps] in engine/capture.h). All that it computes goes
// through on_reference(). This function does the work at once, or records it while a step is being captured. The work
// holds addresses and numbers, as the kernels of a GPU do. So the reference device shows on the host what a graph
// launch on a GPU would do.

#include <functional>
#include <utility>
#include <vector>

namespace mneme {

/// The recorded work, in order.
using CapturedCalls = std::vector<std::function<void()>>;

namespace detail {
/// The object that records the work of a step; null while no step is being captured.
inline CapturedCalls* capturing = nullptr;
}  // namespace detail

/// Does `work`, or records it while a step is being captured.
template <class Work>
void on_reference(Work work) {
  if (detail::capturing)
    detail::capturing->push_back(std::move(work));
  else
    work();
}

}  // namespace mneme
