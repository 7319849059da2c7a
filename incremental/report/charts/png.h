#pragma once
// PNG images: with a palette, which is small for matrices with many equal neighbours, and in full colour.

#include "incremental/report/charts/colours.h"

#include <cstdint>
#include <span>
#include <string>

namespace mneme {

/// A palette image as the bytes of a PNG file (ISO/IEC 15948). `pixels` (height x width) are palette indices, row by
/// row. Throws Error if the size is wrong, if the palette does not have 1 to 256 colours, or if an index is outside it.
std::string png_image(int width, int height, std::span<const std::uint8_t> pixels, std::span<const Rgb> palette);

/// An RGB image: three bytes (red, green, blue) per pixel, row by row. Throws Error if the size is wrong.
std::string png_image(int width, int height, std::span<const std::uint8_t> rgb);

}  // namespace mneme
