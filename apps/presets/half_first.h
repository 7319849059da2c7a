#pragma once
// Settings that LUCIR, PODNet, Mnemonics and balanced softmax share: half of the classes in the first task, then equal
// steps, a memory of herded exemplars that grows with the classes, and the schedules of the authors.

#include "apps/common/presets.h"

namespace mneme {

/// The flags for `base` classes in the first task, `steps` further tasks, and `per_class` herded exemplars of each
/// class, with batches of 128 images at the learning rate 0.1.
Words half_first(int base, int steps, int per_class);

/// The flags of a learning rate that is divided by ten at milestones: docs/methods/balanced-softmax.md#schedule and
/// docs/methods/lucir.md#schedule.
Words stepwise(const char* epochs, const char* milestones, const char* decay);
/// The flags of LUCIR's schedule on CIFAR-100.
Words lucir_on_cifar();

/// The flags of PODNet's code: docs/methods/podnet.md#schedule.
Words podnet_schedule(const char* epochs, const Words& more);
/// The flags of the brightness change in PODNet's option files: a factor between 1 - 63/255 and 1 + 63/255.
Words podnet_jitter();

}  // namespace mneme
