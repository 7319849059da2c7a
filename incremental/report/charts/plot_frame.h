#pragma once
// The frame that line and bar charts stand in: margins, grid, ticks and axis names.

#include "incremental/report/charts/axis.h"

#include <span>
#include <string>
#include <string_view>

namespace mneme {

struct PlotFrame {
  static constexpr double width = 560, height = 330;
  static constexpr double left = 62, top = 14, floor = height - 46;

  Axis x_axis, y_axis;
  double right = width - 16;  // where the plotting area ends

  double x(double value) const { return x_axis.place(value, left, right); }
  double y(double value) const { return y_axis.place(value, floor, top); }

  /// Grid lines, ticks, names; `rules` are vertical lines at values of x.
  std::string axes(std::string_view x_label, std::string_view y_label, std::span<const double> rules = {}) const;
};

/// Names of both axes for an area from (left, top) to (right, floor); the x name's base line is at `x_label_y`.
std::string axis_names(std::string_view x_label, std::string_view y_label, double left, double right, double top,
                       double floor, double x_label_y);

/// <figure>: what comes above the drawing, the drawing, and a caption of title and note. Title and note are escaped.
std::string figure(std::string_view above, std::string_view drawing, double width, double height,
                   std::string_view title, std::string_view note, std::string_view css_class = "chart");

}  // namespace mneme
