#pragma once
// Writes figures as files: SVG as it is drawn, PDF and PNG converted from the SVG by librsvg, which draws with cairo.

#include <string>

namespace mneme {

/// The formats of figures.
enum class PictureFormat { svg, pdf, png };

/// The format that a file's name ends in. Throws UsageError for another ending.
PictureFormat picture_format(const std::string& file);

/// The figure in the format. A PDF contains vectors and the letters that it needs; a PNG has `dpi` pixels per inch.
/// `title` becomes the PDF's title. Throws Error if this build has no librsvg, and if the figure cannot be drawn.
std::string picture_of(const std::string& svg, PictureFormat format, double dpi, const std::string& title);

}  // namespace mneme
