#pragma once
// Mean and deviation of a sample.

#include <span>

namespace mneme {

/// The mean of values; NaN if there are none.
double mean_of(std::span<const double> values);
/// The sample standard deviation with n - 1 in the denominator; NaN for fewer than two values.
double deviation_of(std::span<const double> values);

}  // namespace mneme
