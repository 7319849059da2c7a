#pragma once
// How the reference device captures (Note [Captured steps] in engine/capture.h): all it computes goes through
// on_reference(), which does it, or notes it while a step is captured. Work holds addresses and numbers, as a GPU's
// kernels do, and so shows on the host what a GPU's replay would do.

#include <functional>
#include <utility>
#include <vector>

namespace mneme {

using CapturedCalls = std::vector<std::function<void()>>;

namespace detail {
inline CapturedCalls* capturing = nullptr;  // null: nothing is being captured
}

template <class Work>
void on_reference(Work work) {
  if (detail::capturing)
    detail::capturing->push_back(std::move(work));
  else
    work();
}

}  // namespace mneme
