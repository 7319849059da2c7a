#pragma once
// PNG images: with a palette, small where neighbouring cells of a matrix look alike, and in full colour.

#include "incremental/report/charts/colours.h"

#include <cstdint>
#include <span>
#include <string>

namespace mneme {

/// An 8-bit palette image as the bytes of a PNG file (ISO/IEC 15948). `pixels` are palette indices, row by row;
/// at most 256 colours. Throws Error when sizes disagree.
std::string png_image(int width, int height, std::span<const std::uint8_t> pixels, std::span<const Rgb> palette);

/// The same in full colour: three bytes, red, green and blue, per pixel.
std::string png_image(int width, int height, std::span<const std::uint8_t> rgb);

}  // namespace mneme
