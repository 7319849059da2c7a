#pragma once
// Curves over a common pair of axes, as inline SVG that follows the page's light or dark theme.

#include "incremental/report/charts/axis.h"

#include <string>
#include <vector>

namespace mneme {

struct CurvePoint {
  double x = 0, y = 0;   // a point that is not finite interrupts its curve
  std::string hover;     // shown under the mouse; "series name: hover"
  double deviation = 0;  // drawn as a whisker to both sides, where there is one
};

struct Curve {
  std::string name;
  std::string colour;  // CSS
  std::vector<CurvePoint> points;
  bool dashed = false;
};

struct LineChart {
  std::string title;  // read by screen readers and shown as the caption
  std::string x_label, y_label;
  Axis x, y;
  std::vector<Curve> curves;
  std::vector<double> rules;  // vertical lines, e.g. where a task begins
  bool end_values = false;    // writes each curve's last y beside its end
  std::string note;           // a sentence under the caption; may be empty
};

/// A <figure>: legend, drawing, caption. All texts are escaped. Curves with more points than can be told apart are
/// thinned, keeping the extremes of every stretch; markers are drawn while there is room for them.
std::string draw(const LineChart& chart);

/// The drawing alone, PlotFrame::width wide and PlotFrame::height high.
std::string drawing_of(const LineChart& chart);

/// The legend of draw() as SVG elements, in as many rows as its names need in this width; empty for a single curve.
struct LegendRows {
  std::string drawing;
  double height = 0;
};
LegendRows legend_rows(const LineChart& chart, double width);

}  // namespace mneme
