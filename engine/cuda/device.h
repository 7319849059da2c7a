#pragma once
// The GPU as the rest of the engine sees it; engine/cuda/stub.cpp answers in a build without CUDA.

#include <string>

#include "engine/device.h"

namespace mneme {

/// Throws, saying why, when there is no usable GPU.
Backend& cuda_backend();
/// Empty when a GPU can be used; otherwise one sentence with the reason.
std::string cuda_unavailable_because();

}  // namespace mneme
