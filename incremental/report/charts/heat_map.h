#pragma once
// A matrix as coloured cells with numbers, as inline SVG.

#include "incremental/protocol/metrics.h"

#include <functional>
#include <string>

namespace mneme {

/// The content of a heat map.
struct HeatMap {
  std::string title;       ///< the caption
  std::string x_label,     ///< name of the x axis
      y_label;             ///< name of the y axis
  Triangle rows;           ///< finite fractions of 1, printed as percent; rows may have different lengths
  int first_row = 1,       ///< number of the first row on the y axis
      first_column = 1;    ///< number of the first column on the x axis
  bool is_signed = false;  ///< false: colours from 0 to 1, white to blue; true: from -limit to limit, blue to orange
  double limit = 1;        ///< end of a signed colour scale
  /// Hover text before the value, by the numbers on the axes, for example "task 2 after task 5".
  std::function<std::string(int row, int column)> hover = {};
  std::string note = {};  ///< a sentence under the caption; may be empty
};

/// The map as a HTML figure. Cells contain numbers up to 25 columns and hover texts up to 40 columns; larger maps have
/// colours only.
std::string draw(const HeatMap& map);

}  // namespace mneme
