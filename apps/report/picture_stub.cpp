// Replaces picture.cpp in a build without librsvg.

#include "apps/report/picture.h"
#include "engine/base/error.h"

namespace mneme {

std::string picture_of(const std::string& svg, PictureFormat format, double, const std::string&) {
  if (format == PictureFormat::svg) return svg;
  fail(
      "this build has no librsvg (Debian: librsvg2-dev), so figures can only be written as .svg; inkscape and "
      "rsvg-convert make PDF and PNG of it");
}

}  // namespace mneme
