#pragma once
// Groups of upright bars, one group per task, as inline SVG.

#include "incremental/report/charts/axis.h"

#include <string>
#include <vector>

namespace mneme {

struct BarSeries {
  std::string name;
  std::string colour;          // CSS
  std::vector<double> values;  // fractions of 1, one per group
};

struct BarChart {
  std::string title;
  std::string x_label, y_label;  // groups are numbered from 0
  std::vector<BarSeries> series;
  std::string note;
};

/// A <figure> with a percent axis from 0. All series have equally many values.
std::string draw(const BarChart& chart);

}  // namespace mneme
