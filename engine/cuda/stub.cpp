// Takes the place of the CUDA device in a build without CUDA.

#include "engine/cuda/device.h"

namespace mneme {

std::string cuda_unavailable_because() { return "this build has no CUDA backend; configure with -DMNEME_CUDA=ON"; }
Backend& cuda_backend() { fail("--device cuda: {}", cuda_unavailable_because()); }

}  // namespace mneme
