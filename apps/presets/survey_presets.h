#pragma once
// FACIL's class-incremental survey on CIFAR-100: docs/methods/facil-survey.md#grid-search.

#include <vector>

#include "apps/common/presets.h"

namespace mneme {

/// "facil-survey" for any method without exemplars, with 2000 exemplars and with 20 per class; the same for LUCIR,
/// whose weight the survey did not search; and the row whose number this repository has recorded.
std::vector<Preset> survey_presets();

}  // namespace mneme
