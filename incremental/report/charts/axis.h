#pragma once
// Axes: the range of a chart and the places of its ticks.

#include <string>
#include <vector>

namespace mneme {

/// The range of an axis and its ticks.
struct Axis {
  double low = 0,   ///< value at the start of the axis
      high = 1;     ///< value at its end
  double step = 1;  ///< between ticks
  /// Set: the axis is logarithmic, has its ticks at these values, and `step` means nothing.
  std::vector<double> log_ticks = {};

  /// The pixel position of a value on an axis from `from` to `to` pixels (`to` may be smaller).
  double place(double value, double from, double to) const;
  /// The values of all ticks from low to high.
  std::vector<double> ticks() const;
  /// The label of a tick, with as many decimals as the step needs.
  std::string text(double tick) const;
};

/// An axis that starts and ends at ticks, about `ticks` of them, with a step of 1, 2 or 5 times a power of ten. If the
/// values are equal or not finite, the axis still has a positive length.
Axis round_axis(double low, double high, int ticks = 5);

/// A logarithmic axis over these positive values in increasing order, which are its ticks.
Axis log_axis(std::vector<double> values);

/// An axis exactly from low to high, with at most `max_ticks` ticks at integers.
Axis whole_number_axis(int low, int high, int max_ticks = 12);

}  // namespace mneme
