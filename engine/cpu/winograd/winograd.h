#pragma once
// Runs the kernels of Note [Winograd] over a batch: which shapes, which blocks of tiles, which worker, whose memory.

#include <mutex>
#include <vector>

#include "engine/cpu/scratch.h"
#include "engine/cpu/winograd/kernels.h"
#include "engine/deferred.h"
#include "engine/device.h"

namespace mneme::winograd {

class Convolution {
 public:
  /// 3 x 3, stride 1, pad 1, channels in and out multiples of 16, at least one pixel.
  static bool fits(const ConvShape& shape);

  // As in Backend, for shapes that fit.
  void conv2d(const ConvShape& shape, const Tensor& x, const Tensor& w, Tensor& y);
  void conv2d_dx(const ConvShape& shape, const Tensor& w, const Tensor& dy, Tensor& dx);
  void conv2d_dw(const ConvShape& shape, const Tensor& x, const Tensor& dy, Tensor& dw);

  /// conv2d into a blocked tensor that waits until it is asked for.
  Tensor conv2d_later(const ConvShape& shape, const Tensor& x, const Tensor& w);
  /// conv2d that leaves the moments of a blocked y in its findings.
  void conv2d_recorded(const ConvShape& shape, const Tensor& x, const Tensor& w, Tensor& y);
  /// conv2d_dx that completes dx, in the layout of x; `completion` must apply and x be blocked.
  void conv2d_completed_dx(const ConvShape& shape, const Tensor& w, const Tensor& dy, const Completion& completion,
                           Tensor& dx);

 private:
  class Later;

  void convolve(const Layer& layer, const Tensor& in, const Taps& taps, Tensor& out, const Epilogue& epilogue,
                double* sums);
  void convolve_blocks(const Layer& layer, const ImageSource& in, const float* u, float* out,
                       const Epilogue& epilogue, double* sums);
  Scratch& mine();

  std::mutex mutex_;  // one convolution at a time: the memory below is shared by all
  Scratch weights_, sums_;
  std::vector<Scratch> workers_;
};

}  // namespace mneme::winograd
