#pragma once
// A matrix as coloured cells with its numbers in them, as inline SVG.

#include "incremental/protocol/metrics.h"

#include <functional>
#include <string>

namespace mneme {

struct HeatMap {
  std::string title;
  std::string x_label, y_label;
  Triangle rows;           // finite fractions of 1, printed as percent; rows may differ in length
  int first_row = 0;       // number of the first row on the y axis
  bool is_signed = false;  // false: 0 to 1 from white to blue; true: -limit to limit from blue over neutral to orange
  double limit = 1;
  std::function<std::string(int row, int column)> hover = {};  // words before the value, e.g. "task 2 after task 5"
  std::string note = {};
};

/// A <figure>. Cells keep their numbers while these fit (25 columns), hover texts up to 40 columns; then colour alone.
std::string draw(const HeatMap& map);

}  // namespace mneme
