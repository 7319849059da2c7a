#pragma once
// Charts as a picture file of their own, for pages that are not ours.

#include <span>
#include <string>

#include "incremental/report/charts/line_chart.h"

namespace mneme {

/// Charts side by side under their titles, above the legend of the one with most curves, as an SVG file: well-formed
/// XML with its own style, light or dark as its reader is.
std::string svg_file(std::span<const LineChart> charts);

/// Drawings inside an HTML page need no quotes around attributes, XML does.
std::string with_quoted_attributes(std::string_view html);

}  // namespace mneme
