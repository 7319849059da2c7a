#pragma once
// How a feature map is cut into the 4 x 4 tiles of Note [Winograd], and tiles into blocks.

#include <cstdint>

namespace mneme::winograd {

constexpr int64_t tile_edge = 4;   ///< outputs of one tile along each axis; its inputs are tile_edge + 2
constexpr int64_t positions = 36;  ///< products per tile and pair of channels

/// Tiles computed together: some rows of tiles of one image, or all tiles of some images.
struct TileBlock {
  int64_t first_image, images, first_row, rows;
};

/// Images (N, any, H, W), input and output alike. Where H or W is no multiple of 4, the last tiles reach over the edge.
struct Tiling {
  int64_t images, height, width;
  int64_t down, across;  // tiles of one image
  int64_t images_per_block, rows_per_block;

  Tiling(int64_t n, int64_t h, int64_t w, int64_t wanted_tiles)
      : images(n), height(h), width(w), down((h + tile_edge - 1) / tile_edge), across((w + tile_edge - 1) / tile_edge) {
    const int64_t rows = wanted_tiles / across, whole = wanted_tiles / (down * across);
    rows_per_block = rows < 1 ? 1 : rows < down ? rows : down;
    images_per_block = whole > 1 ? (whole < n ? whole : n) : 1;
  }

  int64_t blocks_per_image() const { return (down + rows_per_block - 1) / rows_per_block; }
  int64_t blocks() const { return (images + images_per_block - 1) / images_per_block * blocks_per_image(); }
  int64_t most_tiles() const { return images_per_block * rows_per_block * across; }

  TileBlock block(int64_t i) const {
    const int64_t image = i / blocks_per_image() * images_per_block, row = i % blocks_per_image() * rows_per_block;
    return {image, images - image < images_per_block ? images - image : images_per_block, row,
            down - row < rows_per_block ? down - row : rows_per_block};
  }
};

}  // namespace mneme::winograd
