#pragma once
// The frame of line and bar charts: margins, grid, ticks and axis names.

#include "incremental/report/charts/axis.h"

#include <span>
#include <string>
#include <string_view>

namespace mneme {

/// The size of a drawing, in units: pixels on a page at its full width. Texts are 12.5 units high whatever the size.
struct ChartSize {
  double width = 560,  ///< of the whole drawing
      height = 330;    ///< likewise
};

/// The plotting area of a chart, in units.
struct PlotFrame {
  Axis x_axis,          ///< horizontal axis
      y_axis;           ///< vertical axis
  ChartSize size = {};  ///< of the drawing around the plotting area

  double left = 62,              ///< left edge of the plotting area
      right = size.width - 16,   ///< its right edge
      top = 14,                  ///< its upper edge
      floor = size.height - 46;  ///< its lower edge

  /// The pixel position of a value on the horizontal axis.
  double x(double value) const { return x_axis.place(value, left, right); }
  /// The pixel position of a value on the vertical axis.
  double y(double value) const { return y_axis.place(value, floor, top); }

  /// Grid lines, ticks and axis names as SVG. `rules` are x values of vertical lines.
  std::string axes(std::string_view x_label, std::string_view y_label, std::span<const double> rules = {}) const;
};

/// The names of both axes as SVG, for a plotting area from (left, top) to (right, floor). `x_label_y` is the base line
/// of the x axis name.
std::string axis_names(std::string_view x_label, std::string_view y_label, double left, double right, double top,
                       double floor, double x_label_y);

/// A HTML figure: `above` (HTML), the drawing (SVG), and a caption of title and note, which are escaped.
std::string figure(std::string_view above, std::string_view drawing, double width, double height,
                   std::string_view title, std::string_view note, std::string_view css_class = "chart");

}  // namespace mneme
