#include "engine/cpu/cpu_backend.h"

#include "engine/cpu/devices.h"
#include "engine/cpu/direct.h"
#include "engine/cpu/isa.h"
#include "engine/deferred.h"
#include "engine/precision.h"

namespace mneme {
namespace {

void check(const char* call, const Tensor& a, const Tensor& b) {
  MNEME_CHECK(
      a.device() == Device::cpu && b.device() == Device::cpu && a.dtype() == DType::f32 && b.dtype() == DType::f32,
      "{} on the CPU device needs f32 tensors there, got {} {} and {} {}", call, name_of(a.device()),
      name_of(a.dtype()), name_of(b.device()), name_of(b.dtype()));
}

bool use_winograd(const ConvShape& shape) { return !exact_convolutions() && winograd::Convolution::fits(shape); }

}  // namespace

std::string CpuBackend::describe() const {
  return fmt::format("cpu: {} kernels, {}", isa_in_use().name, direct::describe());
}

Layout CpuBackend::feature_layout(int64_t channels) const {
  return channels % block_lanes == 0 ? Layout::blocked : Layout::plain;
}

void CpuBackend::conv2d(const ConvShape& s, const Tensor& x, const Tensor& w, Tensor& y) {
  check("conv2d", x, w);
  if (y.size() == 0) return;
  use_winograd(s) ? winograd_.conv2d(s, x, w, y) : direct::conv2d(s, x, w, y);
}

void CpuBackend::conv2d_dx(const ConvShape& s, const Tensor& w, const Tensor& dy, Tensor& dx) {
  check("conv2d_dx", w, dy);
  if (dx.size() == 0) return;
  use_winograd(s) ? winograd_.conv2d_dx(s, w, dy, dx) : direct::conv2d_dx(s, w, dy, dx);
}

void CpuBackend::conv2d_dw(const ConvShape& s, const Tensor& x, const Tensor& dy, Tensor& dw) {
  check("conv2d_dw", x, dy);
  if (x.size() == 0) return fill_bytes(dw.raw(), 0, static_cast<size_t>(dw.size()) * sizeof(float));
  use_winograd(s) ? winograd_.conv2d_dw(s, x, dy, dw) : direct::conv2d_dw(s, x, dy, dw);
}

Tensor CpuBackend::conv2d_unrecorded(const ConvShape& s, const Tensor& x, const Tensor& w) {
  if (!use_winograd(s) || s.n == 0) return Backend::conv2d_unrecorded(s, x, w);
  check("conv2d", x, w);
  return winograd_.conv2d_later(s, x, w);
}

void CpuBackend::conv2d_recorded(const ConvShape& s, const Tensor& x, const Tensor& w, Tensor& y) {
  if (!use_winograd(s) || y.size() == 0) return conv2d(s, x, w, y);
  check("conv2d", x, w);
  winograd_.conv2d_recorded(s, x, w, y);
}

ConvGradients CpuBackend::conv2d_backward(const ConvShape& s, const Tensor& x, const Tensor& w, const Tensor& dy,
                                          bool want_dx, bool want_dw, const Tensor& waiting) {
  const Completion completion(x, waiting);
  const bool in_one =
      want_dx && use_winograd(s) && x.layout() == Layout::blocked && x.size() > 0 && completion.applies();
  if (!in_one) return Backend::conv2d_backward(s, x, w, dy, want_dx, want_dw, waiting);
  ConvGradients out;
  out.dx = Tensor::empty(x.shape(), x.options());
  if (want_dw && winograd::Convolution::fits_backward(s)) {
    winograd_.backward(s, x, w, dy, completion, out.dx, out.dw = Tensor::empty(w.shape(), w.options()));
    return out;
  }
  winograd_.conv2d_completed_dx(s, w, dy, completion, out.dx);
  if (want_dw) conv2d_dw(s, x, dy, out.dw = Tensor::empty(w.shape(), w.options()));
  return out;
}

void CpuBackend::matmul(const Tensor& a, bool transpose_a, const Tensor& b, bool transpose_b, Tensor& c) {
  check("matmul", a, b);
  const bool empty_sum = a.size() == 0 && c.size() > 0;
  if (empty_sum) return fill_bytes(c.raw(), 0, static_cast<size_t>(c.size()) * sizeof(float));
  if (c.size() > 0) direct::matmul(a, transpose_a, b, transpose_b, c);
}

Backend& cpu_backend() {
  static auto* device = new CpuBackend;  // never destroyed: static tensors may be destroyed later
  return *device;
}

}  // namespace mneme
