#pragma once
// The interface to the vendors' libraries: what a device must be able to do besides running our own kernels
// (engine/launch.h). Three devices implement it: engine/cpu/reference.cpp, engine/cpu/ and engine/cuda/. Only
// engine/ops and the memory code call it.

#include <compare>
#include <memory>
#include <string>

#include "engine/memory.h"
#include "engine/tensor.h"

namespace mneme {

class CapturedGraph;

/// The sizes of one convolution. They are also the key under which its plan is cached.
struct ConvShape {
  int64_t n,           ///< images
      c,               ///< channels of the input
      h,               ///< height of the input in pixels
      w;               ///< width of the input in pixels
  int64_t k,           ///< channels of the output
      r,               ///< height of the window
      s;               ///< width of the window
  int64_t stride = 1,  ///< step of the window in pixels
      pad = 0;         ///< zeros around the image, in pixels
  /// Height of the output in pixels.
  int64_t out_h() const { return (h + 2 * pad - r) / stride + 1; }
  /// Width of the output in pixels.
  int64_t out_w() const { return (w + 2 * pad - s) / stride + 1; }
  /// Compares all sizes.
  auto operator<=>(const ConvShape&) const = default;
};

/// The gradients of a convolution: of its input and of its weights.
struct ConvGradients {
  Tensor dx,  ///< (N, C, H, W), or undefined if not asked for
      dw;     ///< (K, C, R, S), or undefined if not asked for
};

/// One device. Its functions overwrite their outputs and never add to them; autograd does the adding. Image tensors and
/// weights may come in any layout that the device hands out; all other tensors are plain. The three tensors of a
/// convolution have one type. All functions throw Error if the device or its library fails, or if a tensor is on
/// another device or of a type that the device does not compute with (cpu: f32; cuda: f32, and bf16 for convolutions;
/// reference: f32, f64, bf16).
class Backend {
 public:
  virtual ~Backend() = default;
  /// One line for logs: library, instruction set, threads or model of the GPU.
  virtual std::string describe() const = 0;

  /// Where the memory of this device's tensors comes from.
  virtual Arena& arena() = 0;
  /// Copies `bytes` bytes from the host to the device. When it returns, `host` may be reused.
  virtual void copy_in(void* to, const void* host, size_t bytes) = 0;
  /// Copies `bytes` bytes from the device to the host. When it returns, the bytes have arrived.
  virtual void copy_out(void* host, const void* from, size_t bytes) = 0;
  /// Copies `bytes` bytes within the device.
  virtual void copy(void* to, const void* from, size_t bytes) = 0;
  /// Sets `bytes` bytes of the device's memory to the value `byte`.
  virtual void fill_bytes(void* to, int byte, size_t bytes) = 0;
  /// Returns when all work issued so far is done.
  virtual void synchronize() {}
  /// True if work is only queued, so that the host waits when it reads a number.
  virtual bool runs_behind() const { return false; }

  /// True if the device can record work instead of doing it, and repeat it later (Note [Captured steps] in
  /// engine/capture.h; GraphedStep uses it). While work is being recorded, copies between host and device throw Error.
  virtual bool captures() const { return false; }
  /// Starts to record work. Throws Error if the device cannot.
  virtual void begin_capture();
  /// Stops recording and returns the recorded work.
  virtual std::unique_ptr<CapturedGraph> end_capture();
  /// Stops recording and drops the recorded work.
  virtual void abandon_capture() {}

  /// The layout this device prefers for a feature map with this many channels.
  virtual Layout feature_layout(int64_t channels) const = 0;

  /// True if feature maps can be bf16 on this device (Note [Precision]).
  virtual bool takes_bf16() const { return false; }

  /// The layout in which this device's convolutions take weights without converting them.
  virtual Layout weight_layout(const ConvShape&) const { return Layout::plain; }

  /// An uninitialised output (N, K, H', W') for the convolution of x, in the layout that the device prefers.
  Tensor new_output(const ConvShape& shape, const Tensor& x) const;
  /// The convolution y (N, K, H', W') of x (N, C, H, W) with w (K, C, R, S); see conv2d() in engine/ops.h for the
  /// formula.
  virtual void conv2d(const ConvShape& shape, const Tensor& x, const Tensor& w, Tensor& y) = 0;
  /// The gradient dx (N, C, H, W) of the convolution's input, from w and dy (N, K, H', W').
  virtual void conv2d_dx(const ConvShape& shape, const Tensor& w, const Tensor& dy, Tensor& dx) = 0;
  /// The gradient dw (K, C, R, S) of the convolution's weights, from x and dy.
  virtual void conv2d_dw(const ConvShape& shape, const Tensor& x, const Tensor& dy, Tensor& dw) = 0;

  /// True if batch norm, ReLU and addition are deferred on this device (Note [Deferred]).
  virtual bool fuses() const { return false; }
  /// conv2d() where no gradient will be needed. A device that fuses may return a deferred y; it is then computed from
  /// the x and w of this moment.
  virtual Tensor conv2d_unrecorded(const ConvShape& shape, const Tensor& x, const Tensor& w);
  /// conv2d() where a gradient will be needed. A device that fuses may store the moments of y in its FusedStatistics.
  virtual void conv2d_recorded(const ConvShape& shape, const Tensor& x, const Tensor& w, Tensor& y) {
    conv2d(shape, x, w, y);
  }
  /// Both gradients in one call; dx or dw is undefined if `want_dx` or `want_dw` is false. If `waiting` is defined, it
  /// is the part of x's gradient that came from other consumers, and dx includes it. On a device that fuses, dx is also
  /// completed for the ReLU and batch norm that made x (see Completion).
  virtual ConvGradients conv2d_backward(const ConvShape& shape, const Tensor& x, const Tensor& w, const Tensor& dy,
                                        bool want_dx, bool want_dw, const Tensor& waiting);

  /// The matrix product c (M, N) = op(a) op(b), where op transposes if asked to; a is (M, K) or (K, M), b is (K, N) or
  /// (N, K).
  virtual void matmul(const Tensor& a, bool transpose_a, const Tensor& b, bool transpose_b, Tensor& c) = 0;
};

/// The device itself. Throws Error if this build or machine does not have it, naming the build option or missing
/// hardware.
Backend& backend(Device device);
/// Why a computation that was begun on the device that `there` describes (Backend::describe()) gives other bits when it
/// goes on on the one that `here` describes: a phrase with the remedy, if there is one. Empty if all bits are the same,
/// as with AVX-512 and AVX2 where oneDNN uses the same instructions.
std::string why_other_bits(const std::string& there, const std::string& here);
/// True if this build and machine have the device.
bool device_available(Device device);

}  // namespace mneme
