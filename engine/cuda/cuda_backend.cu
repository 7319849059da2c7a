// The CUDA device: memory, copies, and the two libraries behind the interface Backend.

#include <mutex>

#include "engine/base/work_count.h"
#include "engine/capture.h"
#include "engine/cuda/blas.h"
#include "engine/cuda/convolutions.h"
#include "engine/cuda/device.h"
#include "engine/cuda/gpu.h"
#include "engine/cuda/pinned_ring.h"

namespace mneme {
namespace cuda {
namespace {

class GpuMemory final : public MemorySource {
 public:
  void* obtain(size_t bytes) override {
    void* block = nullptr;
    const cudaError_t status = cudaMalloc(&block, bytes);
    if (status == cudaErrorMemoryAllocation) {
      cudaGetLastError();  // handled: the arena frees its unused blocks and tries again
      return nullptr;
    }
    check(status, "cudaMalloc", std::source_location::current());
    return block;
  }
  void give_back(void* block) override { CUDA_CHECK(cudaFree(block)); }
  std::string name() const override { return "cuda (" + gpu().name() + ")"; }
};

/// A captured part of the stream, ready to be launched as a whole.
class CudaGraph final : public CapturedGraph {
 public:
  explicit CudaGraph(cudaGraph_t graph) { CUDA_CHECK(cudaGraphInstantiate(&ready_, graph, 0)); }
  // CUDA destroys a graph that is still running when it has ended.
  ~CudaGraph() override { forget(cudaGraphExecDestroy(ready_)); }
  CudaGraph(const CudaGraph&) = delete;
  CudaGraph& operator=(const CudaGraph&) = delete;
  void launch() override { CUDA_CHECK(cudaGraphLaunch(ready_, gpu().stream())); }

 private:
  cudaGraphExec_t ready_ = nullptr;
};

void check_operands(const char* call, const Tensor& a, const Tensor& b) {
  MNEME_CHECK(
      a.device() == Device::cuda && b.device() == Device::cuda && a.dtype() == DType::f32 && b.dtype() == DType::f32,
      "{} on the CUDA device needs f32 tensors there, got {} {} and {} {}", call, name_of(a.device()),
      name_of(a.dtype()), name_of(b.device()), name_of(b.dtype()));
}

size_t bytes(const Tensor& t) { return static_cast<size_t>(t.size()) * bytes_of(t.dtype()); }

class CudaBackend final : public Backend {
 public:
  CudaBackend() : arena_(memory_), staging_(ring_), blas_(arena_.allocate(Blas::workspace_bytes)) {}

  std::string describe() const override {
    return fmt::format("cuda: {} (compute capability {}.{}), cuDNN {}, convolutions in {}{}", gpu_.name(),
                       gpu_.capability() / 10, gpu_.capability() % 10, cudnnGetVersion(), name_of(precision()),
                       deterministic() ? ", deterministic" : "");
  }

  Arena& arena() override { return arena_; }
  void copy_in(void* to, const void* host, size_t bytes) override {
    refuse_in_capture(gpu_.captures(), "brings numbers to the device");
    std::lock_guard lock(copying_);
    staging_.copy_in(to, host, bytes);
  }
  void copy_out(void* host, const void* from, size_t bytes) override {
    refuse_in_capture(gpu_.captures(), "asks for numbers on the host");
    std::lock_guard lock(copying_);
    staging_.copy_out(host, from, bytes);
  }
  void copy(void* to, const void* from, size_t bytes) override {
    if (bytes == 0) return;
    count_work("copy", 2 * static_cast<double>(bytes));
    CUDA_CHECK(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, gpu().stream()));
  }
  void fill_bytes(void* to, int byte, size_t bytes) override {
    if (bytes == 0) return;
    count_work("fill", static_cast<double>(bytes));
    CUDA_CHECK(cudaMemsetAsync(to, byte, bytes, gpu().stream()));
  }
  void synchronize() override {
    refuse_in_capture(gpu_.captures(), "waits for the device");
    CUDA_CHECK(cudaStreamSynchronize(gpu().stream()));
  }
  bool runs_behind() const override { return true; }

  bool captures() const override { return true; }
  /// The mode is "relaxed" because the arena may request memory from the driver during a capture.
  void begin_capture() override { CUDA_CHECK(cudaStreamBeginCapture(gpu().stream(), cudaStreamCaptureModeRelaxed)); }
  std::unique_ptr<CapturedGraph> end_capture() override {
    cudaGraph_t graph = nullptr;
    CUDA_CHECK(cudaStreamEndCapture(gpu().stream(), &graph));
    const std::unique_ptr<CUgraph_st, void (*)(cudaGraph_t)> owned(graph, [](cudaGraph_t g) { forget(cudaGraphDestroy(g)); });
    return std::make_unique<CudaGraph>(graph);
  }
  void abandon_capture() override {
    cudaGraph_t graph = nullptr;
    cudaStreamEndCapture(gpu().stream(), &graph);  // the status is ignored: a failed capture gives no graph
    if (graph) cudaGraphDestroy(graph);
    cudaGetLastError();
  }

  Layout feature_layout(int64_t channels) const override {
    return channels % channel_step == 0 ? Layout::channels_last : Layout::plain;
  }

  bool takes_bf16() const override { return true; }

  Layout weight_layout(const ConvShape& shape) const override { return conv_key(ConvPass::forward, shape).layout; }

  /// Batch norm, ReLU and residual sums then take one kernel together, and so do their gradients.
  bool fuses() const override { return true; }
  void conv2d(const ConvShape& shape, const Tensor& x, const Tensor& w, Tensor& y) override {
    if (y.size() > 0) convolutions_.forward(shape, x, w, y);
  }
  void conv2d_dx(const ConvShape& shape, const Tensor& w, const Tensor& dy, Tensor& dx) override {
    if (dx.size() > 0) convolutions_.data_gradient(shape, w, dy, dx);
  }
  void conv2d_dw(const ConvShape& shape, const Tensor& x, const Tensor& dy, Tensor& dw) override {
    if (x.size() == 0) return fill_bytes(dw.raw(), 0, bytes(dw));
    convolutions_.weight_gradient(shape, x, dy, dw);
  }

  void matmul(const Tensor& a, bool transpose_a, const Tensor& b, bool transpose_b, Tensor& c) override {
    check_operands("matmul", a, b);
    if (a.size() == 0) return fill_bytes(c.raw(), 0, bytes(c));  // sums without terms
    if (c.size() > 0) blas_.matmul(a, transpose_a, b, transpose_b, c);
  }

 private:
  const Gpu& gpu_ = gpu();  // first, so that a missing GPU is reported before a library fails
  GpuMemory memory_;
  Arena arena_;
  PinnedRing ring_;
  Staging staging_;
  std::mutex copying_;
  Convolutions convolutions_;
  Blas blas_;
};

}  // namespace
}  // namespace cuda

Backend& cuda_backend() {
  static auto* device = new cuda::CudaBackend;  // never destroyed, like the other devices
  return *device;
}

}  // namespace mneme
