// Convolution. The device's library or kernels compute it; this file checks the shapes and records it on the tape.

#include "engine/deferred.h"
#include "engine/device.h"
#include "engine/ops.h"
#include "engine/ops/converted_weights.h"
#include "engine/ops/inputs.h"
#include "engine/precision.h"

namespace mneme {
namespace {

/// If the convolution is deferred, the profiler hook is called later, when it is computed.
Tensor unrecorded(Backend& device, const ConvShape& shape, const Tensor& x, const Tensor& w) {
  const Tensor y = device.conv2d_unrecorded(shape, x, w);
  return has_numbers(y) ? record("conv2d", y, {x, w}, {}) : y;
}

/// The type in which x is stored while it is convolved.
DType stored_type(const Backend& device, const Tensor& x) {
  return precision() == Precision::bf16 && device.takes_bf16() && x.dtype() == DType::f32 ? DType::bf16 : x.dtype();
}

}  // namespace

///   y[n,k,p,q] = sum_{c,r,s} x[n, c, p stride + r - pad, q stride + s - pad] w[k,c,r,s]
/// dx is the correlation of dy with the weights turned around; dw is the correlation of x with dy.
Tensor conv2d(const Tensor& x_any, const Tensor& w_any, ConvOptions options) {
  MNEME_CHECK(x_any.rank() == 4 && w_any.rank() == 4 && x_any.dim(1) == w_any.dim(1),
              "conv2d: expected x (N, C, H, W) and w (K, C, R, S), got {} and {}", x_any.shape().text(),
              w_any.shape().text());
  check_computes_with("conv2d", x_any, w_any);
  const ConvShape shape{x_any.dim(0), x_any.dim(1), x_any.dim(2),   x_any.dim(3), w_any.dim(0),
                        w_any.dim(2), w_any.dim(3), options.stride, options.pad};
  MNEME_CHECK(options.stride > 0 && options.pad >= 0 && shape.h + 2 * shape.pad >= shape.r &&
                  shape.w + 2 * shape.pad >= shape.s,
              "conv2d: a window of {}x{} with stride {} and pad {} does not fit x {}", shape.r, shape.s, shape.stride,
              shape.pad, x_any.shape().text());
  Backend& device = backend(x_any.device());
  const DType type = stored_type(device, x_any);
  const Layout layout = device.weight_layout(shape);
  // Weights are converted once for all three passes. So is an input that needs no gradient, such as the images: a
  // gradient would have to be in the layout of the input itself.
  const bool converts = device.runs_behind() && !will_record({x_any});
  const Tensor x = x_any.to(type, converts ? layout : x_any.layout()), w = converted_weight(w_any, type, layout);
  if (!will_record({x_any, w_any})) return unrecorded(device, shape, x, w);
  Tensor y = device.new_output(shape, x);
  device.conv2d_recorded(shape, x, w, y);
  return record("conv2d", y, {x_any, w_any},
                [shape, x, w, type_x = x_any.dtype(), options_w = w_any.options(), leaf = !w_any.state()->node,
                 &device](const Tensor& dy, NeedsInputGrad& needs_input_grad) -> Grads {
                  const bool waits = needs_input_grad[0] && device.fuses() && type_x == x.dtype();
                  const Tensor waiting = waits ? needs_input_grad.take_waiting(0) : Tensor{};
                  ConvGradients gradients =
                      device.conv2d_backward(shape, x, w, dy, needs_input_grad[0], needs_input_grad[1], waiting);
                  if (gradients.dx) gradients.dx = gradients.dx.to(type_x);
                  // A leaf adds gradients of any layout and type; a node expects those of its own output.
                  if (gradients.dw && !leaf) gradients.dw = gradients.dw.to(options_w.dtype, options_w.layout);
                  return {gradients.dx, gradients.dw};
                });
}

}  // namespace mneme
