#pragma once
// How a feature map is cut into the 4 x 4 tiles of Note [Winograd], and how tiles are grouped into blocks.

#include <cstdint>

namespace mneme::winograd {

constexpr int64_t tile_edge = 4;   ///< outputs of one tile along each axis; its inputs are tile_edge + 2
constexpr int64_t positions = 36;  ///< products per tile and pair of channels

/// Tiles that are computed together: some rows of tiles of one image, or all tiles of some images.
struct TileBlock {
  int64_t first_image,  ///< first image
      images,           ///< number of images
      first_row,        ///< first row of tiles
      rows;             ///< number of rows of tiles
};

/// The tiles of images (N, any, H, W), the same for input and output. If H or W is no multiple of 4, the last tiles
/// reach over the edge.
struct Tiling {
  int64_t images,            ///< N
      height,                ///< H in pixels
      width;                 ///< W in pixels
  int64_t down,              ///< tiles of one image from top to bottom
      across;                ///< tiles of one image from left to right
  int64_t images_per_block,  ///< images of a block
      rows_per_block;        ///< rows of tiles of a block

  /// Cuts n images of h x w pixels into blocks of about `wanted_tiles` tiles.
  Tiling(int64_t n, int64_t h, int64_t w, int64_t wanted_tiles)
      : images(n), height(h), width(w), down((h + tile_edge - 1) / tile_edge), across((w + tile_edge - 1) / tile_edge) {
    const int64_t rows = wanted_tiles / across, whole = wanted_tiles / (down * across);
    rows_per_block = rows < 1 ? 1 : rows < down ? rows : down;
    images_per_block = whole > 1 ? (whole < n ? whole : n) : 1;
  }

  /// Blocks in each image; 1 if a block holds several images.
  int64_t blocks_per_image() const { return (down + rows_per_block - 1) / rows_per_block; }
  /// Blocks in all images.
  int64_t blocks() const { return (images + images_per_block - 1) / images_per_block * blocks_per_image(); }
  /// The most rows of tiles in one block.
  int64_t most_rows() const { return images_per_block * rows_per_block; }
  /// The most tiles in one block.
  int64_t most_tiles() const { return most_rows() * across; }
  /// The columns of pixels that the inputs of a row of tiles cover.
  int64_t columns() const { return across * tile_edge + 2; }
  /// The tiles of a block.
  int64_t tiles(const TileBlock& b) const { return b.images * b.rows * across; }

  /// Block number i.
  TileBlock block(int64_t i) const {
    const int64_t image = i / blocks_per_image() * images_per_block, row = i % blocks_per_image() * rows_per_block;
    return {image, images - image < images_per_block ? images - image : images_per_block, row,
            down - row < rows_per_block ? down - row : rows_per_block};
  }
};

}  // namespace mneme::winograd
