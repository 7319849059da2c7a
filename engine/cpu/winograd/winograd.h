#pragma once
// Runs the kernels of Note [Winograd] over a batch: it decides on shapes, blocks of tiles, workers and memory.

#include <mutex>
#include <vector>

#include "engine/cpu/scratch.h"
#include "engine/cpu/winograd/kernels.h"
#include "engine/deferred.h"
#include "engine/device.h"

namespace mneme::winograd {

/// Convolutions by Winograd's algorithm on the CPU device. Its functions are as in Backend, for shapes that fit. One
/// convolution runs at a time.
class Convolution {
 public:
  /// True for 3 x 3 windows with stride 1 and pad 1, multiples of 16 channels in and out, and at least one pixel.
  static bool fits(const ConvShape& shape);

  /// The convolution y of x with w.
  void conv2d(const ConvShape& shape, const Tensor& x, const Tensor& w, Tensor& y);
  /// The gradient dx of the input.
  void conv2d_dx(const ConvShape& shape, const Tensor& w, const Tensor& dy, Tensor& dx);
  /// The gradient dw of the weights.
  void conv2d_dw(const ConvShape& shape, const Tensor& x, const Tensor& dy, Tensor& dw);

  /// conv2d() into a blocked tensor that is deferred. The weights are read now.
  Tensor conv2d_later(const ConvShape& shape, const Tensor& x, const Tensor& w);
  /// conv2d() that stores the moments of a blocked y in its FusedStatistics.
  void conv2d_recorded(const ConvShape& shape, const Tensor& x, const Tensor& w, Tensor& y);
  /// conv2d_dx() that also completes dx, in the layout of x. `completion` must apply, and x must be blocked.
  void conv2d_completed_dx(const ConvShape& shape, const Tensor& w, const Tensor& dy, const Completion& completion,
                           Tensor& dx);
  /// True for shapes whose gradients are faster together, in backward().
  static bool fits_backward(const ConvShape& shape);
  /// conv2d_completed_dx() and conv2d_dw() in one pass over the blocks.
  void backward(const ConvShape& shape, const Tensor& x, const Tensor& w, const Tensor& dy,
                const Completion& completion, Tensor& dx, Tensor& dw);

 private:
  class Later;

  void convolve(const Layer& layer, const Tensor& in, const Taps& taps, Tensor& out, const Epilogue& epilogue,
                double* sums);
  void convolve_blocks(const Layer& layer, const ImageSource& in, const float* u, float* out, const Epilogue& epilogue,
                       double* sums);
  void prepare_workers();
  double* zeroed_sums(int64_t count);
  Scratch& mine();

  std::mutex mutex_;  // for one convolution at a time: all share the memory below
  Scratch weights_, sums_;
  std::vector<Scratch> workers_;
};

}  // namespace mneme::winograd
