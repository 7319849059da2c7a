#pragma once
// Regularisers that carry nothing.

#include "incremental/regularisers/regulariser.h"

namespace mneme {

/// strength/2 sum x^2 over the trained parameters whose names end so.
RegulariserPointer square_penalty(const std::string& name_ending, double strength);

/// g <- g + N(0, variance), variance = scale / (1 + epoch)^decay: Neelakantan et al. 2015, eq. 1, as EEIL uses it.
/// FACIL's code takes that quantity for the standard deviation: `as_released`. Added to the gradient after clipping.
struct NoiseOptions {
  double scale = 0.3, decay = 0.55;
  bool as_released = false;
};
RegulariserPointer gradient_noise(const NoiseOptions& options);

}  // namespace mneme
