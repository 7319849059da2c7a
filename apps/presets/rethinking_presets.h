#pragma once
// FACIL's protocol, and the rows of "Rethinking softmax in incremental learning" that follow it.

#include "apps/common/presets.h"

namespace mneme {

/// FACIL's driver defaults, which the runs of "Rethinking softmax" used: docs/methods/facil-survey.md#driver-defaults.
Words facil_driver_flags(int tasks);

/// The presets of Table A.2, of the figures and of the abstract, and "facil-driver": the protocol alone, for any
/// method.
std::vector<Preset> rethinking_cifar100_presets();
/// The presets of Table A.2 and "facil-driver" on SVHN.
std::vector<Preset> rethinking_svhn_presets();
/// The presets of Table A.2 and "facil-driver" on ImageNet-32.
std::vector<Preset> rethinking_imagenet32_presets();
/// The presets of Table A.2 and "facil-driver" on 100 classes of ImageNet.
std::vector<Preset> rethinking_imagenet100_presets();

}  // namespace mneme
