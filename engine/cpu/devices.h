#pragma once
// The two devices of the host. engine/device.cpp chooses between them.

#include "engine/device.h"

namespace mneme {

Backend& reference_backend();
Backend& cpu_backend();

/// On: the reference device defers batch norm, ReLU and sums as a GPU does (Backend::fuses), so that tests hold those
/// ways to the plain ones where there is no GPU. Off by default.
void let_reference_fuse(bool on);

}  // namespace mneme
