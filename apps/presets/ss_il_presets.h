#pragma once
// The rows of SS-IL's comparison (Ahn et al., ICCV 2021, as its repository prints them): every method of the suite with
// three memories in 10 tasks, and with the middle one in 20 and 5 tasks: docs/methods/ss-il.md#published-numbers.

#include <vector>

#include "apps/common/presets.h"

namespace mneme {

/// ImageNet's 1000 classes.
std::vector<Preset> ss_il_imagenet_presets();
/// Landmarks, 1000 and 10,000 classes; `for_1k` and `for_10k` are flags that choose them.
std::vector<Preset> ss_il_landmarks_presets(const Words& for_1k = {}, const Words& for_10k = {});
/// The suite on CIFAR-100, to try it out: nobody published these.
std::vector<Preset> ss_il_cifar100_presets();

}  // namespace mneme
