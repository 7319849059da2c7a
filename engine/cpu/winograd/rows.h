#pragma once
// The rows of tiles of a block, and which rows of pixels of their tiles lie inside the image.

#include "engine/cpu/vectors.h"
#include "engine/cpu/winograd/tiling.h"

namespace mneme::winograd {
namespace {

int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/// Where channel c of an image begins in a blocked tensor, in floats.
int64_t channel_offset(const Tiling& g, int64_t channels, int64_t image, int64_t c) {
  return (image * channels + c / block * block) * g.height * g.width + c % block;
}

/// A row of tiles: its number in the block, its image, and its number in the image.
struct TileRow {
  int64_t number, image, down;
  /// Where the first pixel of its outputs lies for channel c, in floats.
  int64_t first_pixel(const Tiling& g, int64_t channels, int64_t c) const {
    return channel_offset(g, channels, image, c) + down * tile_edge * g.width * block;
  }
};

/// Calls body(row) for the rows of tiles of a block.
template <class Body>
void each_tile_row(const TileBlock& b, const Body& body) {
  for (int64_t n = 0; n < b.images * b.rows; ++n)
    body(TileRow{n, b.first_image + n / b.rows, b.first_row + n % b.rows});
}

/// The rows of a tile that lie inside the image, [Top, Bottom), known when the program is compiled.
template <int Top, int Bottom>
struct KnownRows {
  static constexpr bool hold(int i) { return i >= Top && i < Bottom; }
};
/// The same, known when the program runs.
struct SomeRows {
  int64_t top, bottom;
  bool hold(int i) const { return i >= top && i < bottom; }
};

/// Calls body(rows) for the six rows of inputs of a row of tiles.
template <class Body>
void with_input_rows(const Tiling& g, int64_t down, const Body& body) {
  const int64_t row = down * tile_edge - 1, top = row < 0, bottom = least(6, g.height - row);
  if (bottom == 6) return top ? body(KnownRows<1, 6>{}) : body(KnownRows<0, 6>{});
  if (bottom == 5) return top ? body(KnownRows<1, 5>{}) : body(KnownRows<0, 5>{});
  body(SomeRows{top, bottom});
}

/// Calls body(rows) for the four rows of outputs of a row of tiles.
template <class Body>
void with_output_rows(const Tiling& g, int64_t down, const Body& body) {
  const int64_t bottom = least(tile_edge, g.height - down * tile_edge);
  bottom == tile_edge ? body(KnownRows<0, tile_edge>{}) : body(SomeRows{0, bottom});
}

}  // namespace
}  // namespace mneme::winograd
