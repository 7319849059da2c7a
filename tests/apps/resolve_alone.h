#pragma once
// resolve() for tests.

#include "apps/common/flags.h"
#include "engine/capture.h"
#include "engine/precision.h"
#include "tests/support/switched.h"

namespace mneme::test {

/// resolve(flags), after which the switches of the process are as they were: other tests rely on them.
inline void resolve_alone(Flags& flags) {
  const Switched exact(set_exact_convolutions, exact_convolutions(), exact_convolutions());
  const Switched repeatable(set_deterministic, deterministic(), deterministic());
  const Switched precise(set_precision, precision(), precision());
  const Switched captured(set_capture_steps, capture_steps(), capture_steps());
  resolve(flags);
}

}  // namespace mneme::test
