#pragma once
// The frame of line and bar charts: margins, grid, ticks and axis names.

#include "incremental/report/charts/axis.h"

#include <span>
#include <string>
#include <string_view>

namespace mneme {

/// The plotting area of a chart, in pixels.
struct PlotFrame {
  static constexpr double width = 560,  ///< of the drawing
      height = 330;                     ///< of the drawing
  static constexpr double left = 62,    ///< left edge of the plotting area
      top = 14,                         ///< its upper edge
      floor = height - 46;              ///< its lower edge

  Axis x_axis,                ///< horizontal axis
      y_axis;                 ///< vertical axis
  double right = width - 16;  ///< right edge of the plotting area

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
