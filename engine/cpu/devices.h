#pragma once
// The two devices of the host. engine/device.cpp chooses between them.

#include "engine/device.h"

namespace mneme {

Backend& reference_backend();
Backend& cpu_backend();

/// On: the reference device goes the ways a GPU goes: it defers batch norm, ReLU and sums, keeps feature maps of eight
/// channels and more with channels last, and wants weights so. Tests then hold those ways to the plain ones where there
/// is no GPU. Off by default.
void let_reference_imitate_gpu(bool on);

}  // namespace mneme
