#pragma once
// Note [Winograd]
// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016: F(4 x 4, 3 x 3). A tile of 4 x 4
// outputs y of a 3 x 3 correlation needs 6 x 6 inputs x, and
//   y = A^T [ (G w G^T) * (B^T x B) ] A          * element by element, summed over input channels
// so each pair of channels takes 36 products per tile instead of 144. Over many tiles the sums become 36 matrix
// products (tiles, C) (C, K), one for each position of the 6 x 6 grid. The gradients take as many:
//   dx   the same with the roles of C and K exchanged and w turned by 180 degrees
//   dw = G^T [ sum over tiles (B^T x B) * (A dy A^T) ] G
// The disadvantage is rounding: errors are 1e-6 to 1e-5 of the largest value, where a direct sum has 1e-7.
//
// A convolution can also apply the affine maps of batch norm, ReLU and additions (Note [Deferred]). This happens where
// the numbers pass anyway: when a tile is read (reader.h) and when one is written (epilogue.h).
//
// One source, lanes.h, is compiled for each instruction set, with the width of the vectors as a template argument. This
// header is the interface: plain functions on plain pointers. Images are blocked (Note [Layout]); C and K are multiples
// of 16.

#include <cstddef>

#include "engine/cpu/winograd/tiling.h"

namespace mneme::winograd {

/// A 3 x 3 layer as the kernels see it. For dx, inputs and outputs have changed roles.
struct Layer {
  Tiling tiling;   ///< how the feature map is cut
  int64_t inputs,  ///< channels of the input
      outputs;     ///< channels of the output

  /// The floats of a transformed weight or weight gradient, (36, C, K).
  size_t weight_floats() const { return static_cast<size_t>(positions * inputs * outputs); }
  /// The floats from one line of half transformed columns to the next, see lines.h. They are padded so that the six
  /// lines use different sets of the cache.
  int64_t line_stride(int64_t channels) const { return tiling.most_rows() * tiling.columns() * channels + 16; }
  /// The floats of the six lines of a block.
  size_t line_floats(int64_t channels) const { return static_cast<size_t>(6 * line_stride(channels)); }
  /// The floats from one position to the next in the transformed tiles of one line of a block, padded likewise.
  int64_t position_stride(int64_t channels) const { return tiling.most_tiles() * channels + 16; }
  /// The floats of the transformed tiles of one line of a block.
  size_t tile_floats(int64_t channels) const { return static_cast<size_t>(6 * position_stride(channels)); }
  /// The larger of the two numbers of channels.
  int64_t most_channels() const { return inputs > outputs ? inputs : outputs; }
};

/// Weights as a convolution reads them: tap (r, s) from input channel c to output channel k is at w[k per_output + c
/// per_input + 3 r + s], or there with (2 - r, 2 - s) if turned.
struct Taps {
  const float* w;     ///< the weights
  int64_t per_input,  ///< floats from one input channel to the next
      per_output;     ///< floats from one output channel to the next
  bool turned;        ///< whether the taps are turned by 180 degrees
};

/// The input channels [begin, end).
struct ChannelRange {
  int64_t begin,  ///< first channel
      end;        ///< one behind the last channel
  /// How many channels these are.
  int64_t count() const { return end - begin; }
};

/// An image tensor as the kernels read it: the numbers x, or the affine map that makes the numbers, relu?(a x + a2 x2 +
/// c), which is applied while they are read (Note [Deferred]). A map of two tensors that is read has no ReLU.
struct ImageSource {
  const float* x = nullptr;             ///< the tensor x
  const float* x2 = nullptr;            ///< the tensor x2; null for a map of one tensor
  const float* coefficients = nullptr;  ///< (3, channels): a, a2, c; null for the numbers x themselves
  bool relu = false;                    ///< whether a ReLU follows
};

/// What is done to outputs before they are stored, and which sums over them are kept for each channel.
struct Epilogue {
  /// The kinds of epilogue.
  enum class Kind {
    store,    ///< nothing
    follow,   ///< apply the affine map `made` to y: relu?(a y + a2 x2 + c)
    moments,  ///< keep sums of y and y^2, for batch norm
    complete  ///< complete a gradient: g = y + waiting where `made` is positive, else 0; keep sums of g, g z and g z2
  };
  Kind kind = Kind::store;         ///< which of them
  const float *waiting = nullptr,  ///< the gradient from other consumers; may be null
      *z = nullptr,                ///< the tensor z of the sums
          *z2 = nullptr;           ///< the tensor z2; may be null
  ImageSource made;                ///< the map to apply, or the input that a ReLU made

  /// The number of sums per channel.
  int64_t rows() const { return kind == Kind::moments ? 2 : kind == Kind::complete ? 3 : 0; }
};

/// Where a worker puts what it makes of one block: up to three sets of lines, of tiles, and of sums for each channel.
/// For x of C channels and dy of K, of which the larger number is M, and for dw of `some` channels of x, they are
///                lines            tiles
///   convolve     M                C, K
///   add_gradient some, K          some, K
///   backward     C, K, M          C, K, K
struct BlockSpace {
  float *lines[3],  ///< half transformed columns
      *tiles[3],    ///< transformed tiles
      *sums;        ///< sums
};

/// The gradient of the input that backward() computes for one block, and the operands for it.
struct DataGradient {
  const float* u;            ///< the turned weights, by transform_weights
  float* dx;                 ///< the gradient of the input
  const Epilogue& epilogue;  ///< what is done to it: Kind::store or Kind::complete
  double* sums;              ///< where the sums of the epilogue are added, (rows, C)
};

/// The kernels of one instruction set.
struct KernelTable {
  /// u = G w G^T for some input channels.
  void (*transform_weights)(const Layer& layer, const Taps& taps, ChannelRange some, float* u);
  /// Computes y for one block of tiles, from the u of transform_weights. Adds the sums of the epilogue to `sums` (rows,
  /// K).
  void (*convolve)(const Layer& layer, int64_t block, const ImageSource& x, const float* u, float* y,
                   const Epilogue& epilogue, double* sums, BlockSpace space);
  /// d = (or += if `add`) sum over the tiles of one block (B^T x B) * (A dy A^T), for some input channels.
  void (*add_gradient)(const Layer& layer, int64_t block, ChannelRange some, const ImageSource& x,
                       const ImageSource& dy, float* d, bool add, BlockSpace space);
  /// Both gradients of one block, for all channels: dy is read and transformed once.
  void (*backward)(const Layer& layer, int64_t block, const ImageSource& x, const ImageSource& dy, float* d, bool add,
                   const DataGradient& data, BlockSpace space);
  /// dw (K, C, 3, 3) = G^T d G, for some input channels.
  void (*finish_gradient)(const Layer& layer, ChannelRange some, const float* d, float* dw);
};

/// The kernels of the instruction set in use, see engine/cpu/isa.h.
const KernelTable& kernels_in_use();

}  // namespace mneme::winograd
