#pragma once
// Regularisers without state.

#include "incremental/regularisers/regulariser.h"

namespace mneme {

/// The penalty strength/2 sum x^2 over the trained parameters whose names end with `name_ending`.
RegulariserPointer square_penalty(const std::string& name_ending, double strength);

/// Options of gradient_noise().
struct NoiseOptions {
  double scale = 0.3,        ///< variance at epoch 0
      decay = 0.55;          ///< exponent of (1 + epoch)
  bool as_released = false;  ///< use that quantity as the standard deviation, as FACIL's code does
};
/// Gradient noise: g <- g + N(0, scale / (1 + epoch)^decay), added after clipping. Neelakantan et al. 2015, eq. 1, as
/// EEIL uses it: docs/methods/eeil.md#loss.
RegulariserPointer gradient_noise(const NoiseOptions& options);

}  // namespace mneme
