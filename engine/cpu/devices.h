#pragma once
// The two devices of the host. engine/device.cpp chooses between them.

#include "engine/device.h"

namespace mneme {

Backend& reference_backend();
Backend& cpu_backend();

}  // namespace mneme
