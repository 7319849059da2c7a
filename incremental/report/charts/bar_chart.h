#pragma once
// Groups of vertical bars, one group per task, as inline SVG.

#include "incremental/report/charts/axis.h"

#include <string>
#include <vector>

namespace mneme {

/// One bar per group.
struct BarSeries {
  std::string name;            ///< name in the legend
  std::string colour;          ///< CSS colour
  std::vector<double> values;  ///< fractions of 1, one per group
};

/// The content of a bar chart.
struct BarChart {
  std::string title;              ///< the caption
  std::string x_label,            ///< name of the x axis; groups are numbered from 1
      y_label;                    ///< name of the y axis
  std::vector<BarSeries> series;  ///< the series, side by side in each group
  std::string note;               ///< a sentence under the caption; may be empty
};

/// The chart as a HTML figure with a percent axis that starts at 0. All series must have the same number of values.
std::string draw(const BarChart& chart);

}  // namespace mneme
