#pragma once
// What LUCIR, PODNet, Mnemonics and Balanced softmax share: half of the classes first, then equal steps, and a growing
// memory of herded images; and the schedules of their authors.

#include "apps/common/presets.h"

namespace mneme {

/// `base` classes first and `steps` steps more, `per_class` herded exemplars, batches of 128 at the rate 0.1.
Words half_first(int base, int steps, int per_class);

/// A rate that falls to a tenth at milestones: docs/methods/balanced-softmax.md#schedule and
/// docs/methods/lucir.md#schedule.
Words stepwise(const char* epochs, const char* milestones, const char* decay);
/// LUCIR's schedule on CIFAR-100.
Words lucir_on_cifar();

/// PODNet's code: docs/methods/podnet.md#schedule.
Words podnet_schedule(const char* epochs, const Words& more);
/// The change of brightness of PODNet's option files: a factor from 1 - 63/255 to 1 + 63/255.
Words podnet_jitter();

}  // namespace mneme
