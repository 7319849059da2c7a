#pragma once
// The CPU device: vectors and threads, f32.

#include "engine/cpu/heap.h"
#include "engine/cpu/winograd/winograd.h"

namespace mneme {

/// The CPU device. See Backend for its functions.
class CpuBackend final : public HeapBackend {
 public:
  /// A device without tensors.
  CpuBackend() : HeapBackend("the CPU") {}
  std::string describe() const override;
  Layout feature_layout(int64_t channels) const override;

  bool fuses() const override { return true; }  ///< see Note [Deferred]
  void conv2d(const ConvShape& shape, const Tensor& x, const Tensor& w, Tensor& y) override;
  void conv2d_dx(const ConvShape& shape, const Tensor& w, const Tensor& dy, Tensor& dx) override;
  void conv2d_dw(const ConvShape& shape, const Tensor& x, const Tensor& dy, Tensor& dw) override;
  Tensor conv2d_unrecorded(const ConvShape& shape, const Tensor& x, const Tensor& w) override;
  void conv2d_recorded(const ConvShape& shape, const Tensor& x, const Tensor& w, Tensor& y) override;
  ConvGradients conv2d_backward(const ConvShape& shape, const Tensor& x, const Tensor& w, const Tensor& dy,
                                bool want_dx, bool want_dw, const Tensor& waiting) override;
  void matmul(const Tensor& a, bool transpose_a, const Tensor& b, bool transpose_b, Tensor& c) override;

 private:
  winograd::Convolution winograd_;
};

}  // namespace mneme
