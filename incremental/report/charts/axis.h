#pragma once
// Where an axis puts its ticks.

#include <string>
#include <vector>

namespace mneme {

struct Axis {
  double low = 0, high = 1;
  double step = 1;  // between ticks

  /// From `from` to `to` in pixels (`to` may be smaller).
  double place(double value, double from, double to) const { return from + (value - low) / (high - low) * (to - from); }
  std::vector<double> ticks() const;
  /// A tick's text, with as many decimals as the step needs.
  std::string text(double tick) const;
};

/// An axis whose ends are ticks, with a step of 1, 2 or 5 times a power of ten and about `ticks` of them. Values that
/// are equal, or not finite, still give an axis of positive length.
Axis round_axis(double low, double high, int ticks = 5);

/// An axis from low to high exactly, ticks at whole numbers.
Axis whole_number_axis(int low, int high, int max_ticks = 12);

}  // namespace mneme
