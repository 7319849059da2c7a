#pragma once
// Curves over common axes, as inline SVG that follows the page's light or dark theme.

#include "incremental/report/charts/axis.h"
#include "incremental/report/charts/plot_frame.h"

#include <string>
#include <vector>

namespace mneme {

/// A point of a curve.
struct CurvePoint {
  double x = 0,          ///< position
      y = 0;             ///< a value that is not finite interrupts the curve
  std::string hover;     ///< hover text, shown as "series name: hover"
  double deviation = 0;  ///< half length of a whisker; 0: no whisker
};

/// One curve.
struct Curve {
  std::string name;                ///< name in the legend
  std::string colour;              ///< CSS colour
  std::vector<CurvePoint> points;  ///< the points, by increasing x
  bool dashed = false;             ///< drawn as a dashed line
};

/// The content of a line chart.
struct LineChart {
  std::string title;          ///< the caption; also read by screen readers
  std::string x_label,        ///< name of the x axis
      y_label;                ///< name of the y axis
  Axis x,                     ///< horizontal axis
      y;                      ///< vertical axis
  std::vector<Curve> curves;  ///< the curves
  std::vector<double> rules;  ///< x values of vertical lines, for example where a task begins
  bool end_values = false;    ///< print the last y of each curve next to its end
  std::string note;           ///< a sentence under the caption; may be empty
  ChartSize size = {};        ///< of the drawing
};

/// The chart as a HTML figure: legend, drawing and caption. All texts are escaped. Curves with very many points are
/// thinned; the extremes of every stretch are kept. Markers are drawn only if there is room for them. Where several
/// curves have whiskers, the curves are drawn a little side by side, so that no whisker covers another.
std::string draw(const LineChart& chart);

/// Only the drawing, as large as the chart's size.
std::string drawing_of(const LineChart& chart);

/// A legend as SVG elements.
struct LegendRows {
  std::string drawing;  ///< the SVG elements
  double height = 0;    ///< height in pixels
};
/// The legend of draw(), in as many rows as its names need in this width; empty for a single curve.
LegendRows legend_rows(const LineChart& chart, double width);

}  // namespace mneme
