// The reference device: plain loops, in float and double, in one thread. It is slow on purpose. Every other device is
// compared with its numbers, and its loops define each operation.

#include <algorithm>
#include <utility>

#include "engine/capture.h"
#include "engine/cpu/devices.h"
#include "engine/cpu/heap.h"
#include "engine/cpu/captured_calls.h"
#include "engine/ops/dtype_dispatch.h"
#include "engine/precision.h"

namespace mneme {
namespace {

/// A convolution is a sum of products x[xi] w[wi] into y[yi]. Calls body(xi, wi, yi, count) for runs of `count`
/// products along a row of the output: the weight stays, x advances by `stride` and y by 1.
template <class Body>
void each_run(const ConvShape& s, const Body& body) {
  for (int64_t n = 0; n < s.n; ++n)
    for (int64_t k = 0; k < s.k; ++k)
      for (int64_t c = 0; c < s.c; ++c)
        for (int64_t r = 0; r < s.r; ++r)
          for (int64_t t = 0; t < s.s; ++t) {
            // the output columns q with 0 <= q stride + t - pad < w
            const int64_t first = std::max<int64_t>(0, (s.pad - t + s.stride - 1) / s.stride);
            const int64_t last = std::min(s.out_w() - 1, (s.w - 1 + s.pad - t) / s.stride);
            for (int64_t p = 0; p < s.out_h(); ++p) {
              const int64_t y = p * s.stride + r - s.pad;
              if (y < 0 || y >= s.h || last < first) continue;
              body(((n * s.c + c) * s.h + y) * s.w + first * s.stride + t - s.pad, ((k * s.c + c) * s.r + r) * s.s + t,
                   ((n * s.k + k) * s.out_h() + p) * s.out_w() + first, last - first + 1);
            }
          }
}

bool imitate_gpu = false;

class CapturedOnHost final : public CapturedGraph {
 public:
  explicit CapturedOnHost(CapturedCalls work) : work_(std::move(work)) {}
  void launch() override {
    for (const auto& piece : work_) piece();
  }

 private:
  CapturedCalls work_;
};

class Reference final : public HeapBackend {
 public:
  Reference() : HeapBackend("the reference device") {}
  std::string describe() const override {
    const bool maps = precision() == Precision::bf16;
    return fmt::format("reference: plain loops, one thread{}", maps ? ", feature maps in bf16" : "");
  }
  Layout feature_layout(int64_t channels) const override {
    return imitate_gpu && channels % 8 == 0 ? Layout::channels_last : Layout::plain;
  }
  Layout weight_layout(const ConvShape&) const override { return imitate_gpu ? Layout::channels_last : Layout::plain; }

  bool fuses() const override { return imitate_gpu; }
  bool takes_bf16() const override { return true; }

  void copy_in(void* to, const void* host, size_t bytes) override {
    refuse_in_capture(detail::capturing, "brings numbers to the device");
    HeapBackend::copy(to, host, bytes);
  }
  void copy_out(void* host, const void* from, size_t bytes) override {
    refuse_in_capture(detail::capturing, "asks for numbers on the host");
    HeapBackend::copy(host, from, bytes);
  }
  void copy(void* to, const void* from, size_t bytes) override {
    on_reference([=, this] { HeapBackend::copy(to, from, bytes); });
  }
  void fill_bytes(void* to, int byte, size_t bytes) override {
    on_reference([=, this] { HeapBackend::fill_bytes(to, byte, bytes); });
  }

  bool captures() const override { return true; }
  void begin_capture() override { detail::capturing = &captured_; }
  std::unique_ptr<CapturedGraph> end_capture() override {
    detail::capturing = nullptr;
    return std::make_unique<CapturedOnHost>(std::exchange(captured_, {}));
  }
  void abandon_capture() override {
    detail::capturing = nullptr;
    captured_.clear();
  }

  void conv2d(const ConvShape& s, const Tensor& x, const Tensor& w, Tensor& y) override {
    plainly(x, w, y, [&]<class R>(R* in, R* weight, R* out) {
      on_reference([=] {
        each_run(s, [=](int64_t xi, int64_t wi, int64_t yi, int64_t count) {
          for (int64_t i = 0; i < count; ++i) out[yi + i] += in[xi + i * s.stride] * weight[wi];
        });
      });
    });
  }

  void conv2d_dx(const ConvShape& s, const Tensor& w, const Tensor& dy, Tensor& dx) override {
    plainly(w, dy, dx, [&]<class R>(R* weight, R* gradient, R* out) {
      on_reference([=] {
        each_run(s, [=](int64_t xi, int64_t wi, int64_t yi, int64_t count) {
          for (int64_t i = 0; i < count; ++i) out[xi + i * s.stride] += weight[wi] * gradient[yi + i];
        });
      });
    });
  }

  void conv2d_dw(const ConvShape& s, const Tensor& x, const Tensor& dy, Tensor& dw) override {
    plainly(x, dy, dw, [&]<class R>(R* in, R* gradient, R* out) {
      on_reference([=] {
        each_run(s, [=](int64_t xi, int64_t wi, int64_t yi, int64_t count) {
          R total = 0;
          for (int64_t i = 0; i < count; ++i) total += in[xi + i * s.stride] * gradient[yi + i];
          out[wi] += total;
        });
      });
    });
  }

  void matmul(const Tensor& a, bool transpose_a, const Tensor& b, bool transpose_b, Tensor& c) override {
    const int64_t m = c.dim(0), n = c.dim(1), k = a.dim(transpose_a ? 0 : 1);
    with_real(a.dtype(), [&](auto kind) {
      using R = decltype(kind);
      const R *left = a.data<R>(), *right = b.data<R>();
      R* out = c.data<R>();
      on_reference([=] {
        for (int64_t i = 0; i < m; ++i)
          for (int64_t j = 0; j < n; ++j) {
            R total = 0;
            for (int64_t l = 0; l < k; ++l)
              total += left[transpose_a ? l * m + i : i * k + l] * right[transpose_b ? j * k + l : l * n + j];
            out[i * n + j] = total;
          }
      });
    });
  }

 private:
  CapturedCalls captured_;

  /// Calls body(a, b, out) with the numbers of all three in the plain layout; those of `out` are zeros. Numbers stored
  /// as bf16 are computed in f32.
  template <class Body>
  void plainly(const Tensor& a_any, const Tensor& b_any, Tensor& out_any, const Body& body) {
    const DType type = arithmetic_of(out_any.dtype());
    const Tensor a = a_any.to(type, Layout::plain), b = b_any.to(type, Layout::plain);
    Tensor out = out_any;
    if (out.layout() != Layout::plain || out.dtype() != type)
      out = Tensor::empty(out.shape(), {Device::reference, type, Layout::plain});
    with_real(type, [&](auto kind) {
      using R = decltype(kind);
      fill_bytes(out.raw(), 0, static_cast<size_t>(out.size()) * sizeof(R));
      body(a.data<R>(), b.data<R>(), out.data<R>());
    });
    if (out.raw() != out_any.raw()) out_any.copy_from(out);
  }
};

}  // namespace

void let_reference_imitate_gpu(bool on) { imitate_gpu = on; }

Backend& reference_backend() {
  static auto* device = new Reference;  // never destroyed: static tensors may be destroyed later
  return *device;
}

}  // namespace mneme
