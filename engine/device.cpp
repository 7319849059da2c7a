#include "engine/device.h"

#include "engine/capture.h"
#include "engine/cpu/devices.h"
#include "engine/cuda/device.h"
#include "engine/deferred.h"

namespace mneme {

Backend& backend(Device device) {
  switch (device) {
    case Device::reference: return reference_backend();
    case Device::cpu: return cpu_backend();
    case Device::cuda: return cuda_backend();
  }
  fail("no such device");
}

void Backend::begin_capture() { fail("{} cannot capture work", describe()); }
std::unique_ptr<CapturedGraph> Backend::end_capture() { return {}; }

Tensor Backend::new_output(const ConvShape& shape, const Tensor& x) const {
  return Tensor::empty({shape.n, shape.k, shape.out_h(), shape.out_w()},
                       {x.device(), x.dtype(), feature_layout(shape.k)});
}

Tensor Backend::conv2d_unrecorded(const ConvShape& shape, const Tensor& x, const Tensor& w) {
  Tensor y = new_output(shape, x);
  conv2d(shape, x, w, y);
  return y;
}

ConvGradients Backend::conv2d_backward(const ConvShape& shape, const Tensor& x, const Tensor& w, const Tensor& dy,
                                       bool want_dx, bool want_dw, const Tensor& waiting) {
  ConvGradients out;
  if (want_dx) conv2d_dx(shape, w, dy, out.dx = Tensor::empty(x.shape(), x.options()));
  if (want_dw) conv2d_dw(shape, x, dy, out.dw = Tensor::empty(w.shape(), w.options()));
  if (want_dx && fuses()) out.dx = complete_gradient(Completion(x, waiting), out.dx);
  return out;
}

bool device_available(Device device) { return device != Device::cuda || cuda_unavailable_because().empty(); }

}  // namespace mneme
