#pragma once
// Note [Winograd]
// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016: F(4 x 4, 3 x 3). A tile of 4 x 4
// outputs y of a 3 x 3 correlation needs 6 x 6 inputs x, and
//   y = A^T [ (G w G^T) * (B^T x B) ] A          * element by element, summed over input channels
// so each pair of channels costs 36 products per tile instead of 144. Over many tiles the sums become 36 matrix
// products (tiles, C) x (C, K), one per position of the 6 x 6 grid. Its derivatives have the same cost:
//   dx   the same with the roles of C and K exchanged and w turned by 180 degrees
//   dw = G^T [ sum over tiles (B^T x B) * (A dy A^T) ] G
// The price is rounding: 1e-6 to 1e-5 of the largest value, where a direct sum has 1e-7.
//
// What convolutions take over from batch norm, ReLU and additions (Note [Deferred]) happens where numbers pass anyway:
// in the reading of a tile (reader.h) and in the writing of one (epilogue.h).
//
// One source, lanes.h, is compiled for each instruction set with the vector width as a template argument. This
// header is the seam: plain functions on plain pointers. Images are blocked (Note [Layout]), C and K multiples of 16.

#include <cstddef>

#include "engine/cpu/winograd/tiling.h"

namespace mneme::winograd {

/// A 3 x 3 layer as the kernels see it; for dx, inputs and outputs have changed places.
struct Layer {
  Tiling tiling;
  int64_t inputs, outputs;  // channels

  /// Floats of a transformed (36, C, K) weight or weight gradient.
  size_t weight_floats() const { return static_cast<size_t>(positions * inputs * outputs); }
  /// From one position to the next in a block's transformed tiles, padded so that the 36 fall into different cache
  /// sets.
  int64_t position_stride(int64_t channels) const { return tiling.most_tiles() * channels + 16; }
  size_t tile_floats(int64_t channels) const { return static_cast<size_t>(positions * position_stride(channels)); }
  /// Of a block's sums: at most three rows.
  size_t sum_floats() const { return static_cast<size_t>(3 * outputs); }
};

/// Weights as a convolution sees them: tap (r, s) from input channel c to output channel k is at
/// w[k per_output + c per_input + 3 r + s], or with (2 - r, 2 - s) if turned.
struct Taps {
  const float* w;
  int64_t per_input, per_output;
  bool turned;
};

/// Input channels [begin, end).
struct ChannelRange {
  int64_t begin, end;
  int64_t count() const { return end - begin; }
};

/// An image tensor as the kernels read it: its numbers x, or the recipe for them, relu?(a x + a2 x2 + c), followed on
/// the way in (Note [Deferred]). What is read by a recipe of two tensors has no ReLU.
struct ImageSource {
  const float* x = nullptr;
  const float* x2 = nullptr;            // null: a recipe of one tensor
  const float* coefficients = nullptr;  // (3, channels): a, a2, c; null: x itself
  bool relu = false;
};

/// What becomes of outputs on their way out, and which sums over them are kept per channel.
struct Epilogue {
  enum class Kind {
    store,
    follow,   ///< relu?(a y + a2 x2 + c), as `made` has it of x = y
    moments,  ///< sums of y and y^2, for batch norm
    complete  ///< a gradient's: g = y + waiting where `made` is positive, else 0; sums of g, g z and g z2
  };
  Kind kind = Kind::store;
  const float *waiting = nullptr, *z = nullptr, *z2 = nullptr;  // waiting and z2 may be null
  ImageSource made;

  int64_t rows() const { return kind == Kind::moments ? 2 : kind == Kind::complete ? 3 : 0; }
};

/// Where a worker puts the transformed tiles of one block, and the block's sums.
struct TileSpace {
  float *inputs, *outputs, *sums;
};

struct Kernels {
  /// u = G w G^T for some input channels.
  void (*transform_weights)(const Layer& layer, const Taps& taps, ChannelRange some, float* u);
  /// y of one block of tiles; u as transform_weights left it. Adds the epilogue's sums to `sums` (rows, K).
  void (*convolve)(const Layer& layer, int64_t block, const ImageSource& x, const float* u, float* y,
                   const Epilogue& epilogue, double* sums, TileSpace space);
  /// d = (or, if asked, +=) sum over the tiles of one block (B^T x B) * (A dy A^T), for some input channels.
  void (*add_gradient)(const Layer& layer, int64_t block, ChannelRange some, const ImageSource& x,
                       const ImageSource& dy, float* d, bool add, TileSpace space);
  /// dw (K, C, 3, 3) = G^T d G, for some input channels.
  void (*finish_gradient)(const Layer& layer, ChannelRange some, const float* d, float* dw);
};

/// The kernels of the instruction set in use, see engine/cpu/isa.h.
const Kernels& kernels_in_use();

}  // namespace mneme::winograd
