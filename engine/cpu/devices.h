#pragma once
// The two devices of the host. engine/device.cpp chooses between them.

#include "engine/device.h"

namespace mneme {

/// The reference device.
Backend& reference_backend();
/// The CPU device.
Backend& cpu_backend();

/// On: the reference device does what a GPU does. It defers batch norm, ReLU and sums, stores feature maps of eight and
/// more channels with channels last, and takes weights in that layout. So tests can compare this way of computing with
/// the plain one on a machine without a GPU. Off by default.
void let_reference_imitate_gpu(bool on);

}  // namespace mneme
