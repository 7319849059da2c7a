#pragma once
// Charts as separate SVG files, for use outside our pages.

#include <span>
#include <string>

#include "incremental/report/charts/line_chart.h"

namespace mneme {

/// Charts side by side with their titles, and below them the legend of the chart with the most curves, as an SVG file.
/// The file is well-formed XML with its own style for light and dark themes.
std::string svg_file(std::span<const LineChart> charts);

/// Adds the quotes around attributes that XML requires and HTML does not.
std::string with_quoted_attributes(std::string_view html);

}  // namespace mneme
