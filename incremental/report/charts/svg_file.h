#pragma once
// Charts as separate SVG files, for papers and for pages of other people.

#include <span>
#include <string>

#include "incremental/report/charts/line_chart.h"
#include "incremental/report/charts/rank_diagram.h"

namespace mneme {

/// How a figure is to look where it will be printed.
struct FigureStyle {
  double width = 0,                   ///< of the whole figure, in millimetres; 0: as large as on a page
      font_size = 0;                  ///< of the numbers at the axes, in points; 0: 8 with a width, and 9.4 without one
  std::string palette = "okabe-ito";  ///< a name of palettes()
  bool has_titles = true;             ///< false: no titles above the charts, since papers have captions
  /// True: browsers show the figure in dark colours to readers who prefer these; other programs show the palette. False
  /// for files that are converted to another format.
  bool follows_theme = true;
};

/// Charts side by side, in as many rows as their width needs, with their titles, and below them the legend of the chart
/// with the most curves. The file is well-formed XML with its own style; every colour is given as a number, too, for
/// programs that do not know CSS variables. Throws Error for an unknown palette, and for a width or font that leaves no
/// room for a chart.
std::string svg_file(std::span<const LineChart> charts, const FigureStyle& style = {});
/// A diagram of mean ranks as such a file.
std::string svg_file(const RankDiagram& diagram, const FigureStyle& style = {});

/// Adds the quotes around attributes that XML requires and HTML does not.
std::string with_quoted_attributes(std::string_view html);

/// Replaces every `property:var(--name)` by the value of --name in `variables` ("--name:value;..."). If
/// `keeps_variables` is true, the original declaration follows the new one: programs that do not know variables ignore
/// it. Names without a value stay as they are.
std::string with_colours(const std::string& svg, const std::string& variables, bool keeps_variables);

}  // namespace mneme
