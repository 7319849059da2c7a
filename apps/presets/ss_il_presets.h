#pragma once
// The rows of SS-IL's comparison (Ahn et al., ICCV 2021, as its repository prints them): every method of the suite with
// three memories in 10 tasks, and with the middle one in 20 and 5 tasks: docs/methods/ss-il.md#published-numbers.

#include <vector>

#include "apps/common/presets.h"

namespace mneme {

/// The presets on the 1000 classes of ImageNet.
std::vector<Preset> ss_il_imagenet_presets();
/// The presets on Landmarks with 1000 and 10,000 classes. `for_1k` and `for_10k` are the flags that choose these
/// classes.
std::vector<Preset> ss_il_landmarks_presets(const Words& for_1k = {}, const Words& for_10k = {});
/// The same methods on CIFAR-100, for trying them out. No numbers are published for these runs.
std::vector<Preset> ss_il_cifar100_presets();

}  // namespace mneme
