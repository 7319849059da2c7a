#pragma once
// The GPU as the rest of the engine sees it. In a build without CUDA, engine/cuda/stub.cpp implements these functions.

#include <string>

#include "engine/device.h"

namespace mneme {

/// The CUDA device. Throws Error with the reason if there is no usable GPU.
Backend& cuda_backend();
/// Empty if a GPU can be used; otherwise one sentence with the reason.
std::string cuda_unavailable_because();

}  // namespace mneme
