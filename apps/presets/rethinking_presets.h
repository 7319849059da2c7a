#pragma once
// FACIL's protocol, and the rows of "Rethinking softmax in incremental learning" that were run by it.

#include "apps/common/presets.h"

namespace mneme {

/// Table A.2, the 10-task figure, and "facil-driver": the protocol alone, for any method.
std::vector<Preset> rethinking_cifar100_presets();
/// Table A.2 and "facil-driver".
std::vector<Preset> rethinking_svhn_presets();
std::vector<Preset> rethinking_imagenet32_presets();
std::vector<Preset> rethinking_imagenet100_presets();

}  // namespace mneme
