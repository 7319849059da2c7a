#pragma once
// The vendor seam: what a device must be able to do beyond running our own kernels (engine/launch.h). Three devices
// implement it: engine/cpu/reference.cpp, engine/cpu/, engine/cuda/. Nothing above engine/ops calls it.

#include <compare>
#include <memory>
#include <string>

#include "engine/memory.h"
#include "engine/tensor.h"

namespace mneme {

class CapturedGraph;

/// One convolution's sizes; also the key under which its plan is cached.
struct ConvShape {
  int64_t n, c, h, w;  // input  (N, C, H, W)
  int64_t k, r, s;     // weight (K, C, R, S)
  int64_t stride = 1, pad = 0;
  int64_t out_h() const { return (h + 2 * pad - r) / stride + 1; }
  int64_t out_w() const { return (w + 2 * pad - s) / stride + 1; }
  auto operator<=>(const ConvShape&) const = default;
};

struct ConvGradients {
  Tensor dx, dw;
};

/// Outputs are overwritten, never added to: autograd does the adding. Image tensors and weights may come in any layout
/// the device hands out; all other tensors are plain. A convolution's three tensors are of one type.
class Backend {
 public:
  virtual ~Backend() = default;
  /// One line for logs: library, instruction set, threads or GPU model.
  virtual std::string describe() const = 0;

  virtual Arena& arena() = 0;
  virtual void copy_in(void* to, const void* host, size_t bytes) = 0;
  virtual void copy_out(void* host, const void* from, size_t bytes) = 0;
  virtual void copy(void* to, const void* from, size_t bytes) = 0;
  virtual void fill_bytes(void* to, int byte, size_t bytes) = 0;
  /// Returns when all work issued so far is done.
  virtual void synchronize() {}
  /// True if work is only queued, and whoever asks for a number waits for it.
  virtual bool runs_behind() const { return false; }

  /// True if work can be noted instead of done, and then replayed (Note [Captured steps] in engine/capture.h, whose
  /// GraphedStep is the one to use it). While work is noted, copying between host and device throws.
  virtual bool captures() const { return false; }
  virtual void begin_capture();
  virtual std::unique_ptr<CapturedGraph> end_capture();
  /// Forgets what was noted.
  virtual void abandon_capture() {}

  /// The layout this device likes for a feature map with so many channels.
  virtual Layout feature_layout(int64_t channels) const = 0;

  /// True if feature maps can be bf16 here (Note [Precision]).
  virtual bool takes_bf16() const { return false; }

  /// The layout in which this device's convolutions take weights without converting them.
  virtual Layout weight_layout(const ConvShape&) const { return Layout::plain; }

  /// A y for conv2d of x, in the layout this device likes.
  Tensor new_output(const ConvShape& shape, const Tensor& x) const;
  /// y (N, K, H', W') = x (N, C, H, W) correlated with w (K, C, R, S)
  virtual void conv2d(const ConvShape& shape, const Tensor& x, const Tensor& w, Tensor& y) = 0;
  virtual void conv2d_dx(const ConvShape& shape, const Tensor& w, const Tensor& dy, Tensor& dx) = 0;
  virtual void conv2d_dw(const ConvShape& shape, const Tensor& x, const Tensor& dy, Tensor& dw) = 0;

  /// True if batch norm, ReLU and additions shall be deferred (Note [Deferred]) because convolutions here can follow
  /// recipes.
  virtual bool fuses() const { return false; }
  /// conv2d whose gradient will not be asked for: a device that fuses may leave y to be made later, from the x and w of
  /// now.
  virtual Tensor conv2d_unrecorded(const ConvShape& shape, const Tensor& x, const Tensor& w);
  /// conv2d whose gradient will be asked for: a device that fuses may leave y's moments in its findings.
  virtual void conv2d_recorded(const ConvShape& shape, const Tensor& x, const Tensor& w, Tensor& y) {
    conv2d(shape, x, w, y);
  }
  /// Both gradients at once; dx or dw is undefined if not wanted. `waiting`, if defined, is a part of x's gradient that
  /// came another way: dx includes it. Where the device fuses, dx is completed for x's ReLU and batch norm too.
  virtual ConvGradients conv2d_backward(const ConvShape& shape, const Tensor& x, const Tensor& w, const Tensor& dy,
                                        bool want_dx, bool want_dw, const Tensor& waiting);

  /// c (M, N) = op(a) op(b), where op transposes if asked; a is (M, K) or (K, M), b is (K, N) or (N, K).
  virtual void matmul(const Tensor& a, bool transpose_a, const Tensor& b, bool transpose_b, Tensor& c) = 0;
};

/// Throws, naming the build option or the missing hardware, when there is no such device.
Backend& backend(Device device);
bool device_available(Device device);

}  // namespace mneme
