// Replaces engine/cuda/cudnn_graph.cu. It offers three plans for each convolution, computed by loops: the first refuses
// to run, the second adds in a fixed order, the third in an order that changes from run to run. The seed decides which
// of them appears to be the fastest.

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "engine/cuda/cudnn_graph.h"
#include "engine/cuda/libraries.h"
#include "tests/cuda_stand_in/control.h"
#include "tests/cuda_stand_in/convolve.h"
#include "tests/cuda_stand_in/runtime.h"

struct cudnnContext {
  cudaStream_t stream = nullptr;
};

namespace {

std::mt19937_64& chance() {
  static auto* const random = new std::mt19937_64(3);
  return *random;
}

cudnnStatus_t status_of_this_call(const char* function) {
  const std::lock_guard lock(stand_in::runtime_lock());
  return stand_in::error_of_this_call(function) == cudaSuccess ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_INTERNAL_ERROR;
}

}  // namespace

size_t cudnnGetVersion() { return 91900; }
const char* cudnnGetErrorString(cudnnStatus_t status) {
  switch (status) {
    case CUDNN_STATUS_SUCCESS: return "CUDNN_STATUS_SUCCESS";
    case CUDNN_STATUS_NOT_SUPPORTED: return "CUDNN_STATUS_NOT_SUPPORTED";
    case CUDNN_STATUS_INTERNAL_ERROR: return "CUDNN_STATUS_INTERNAL_ERROR";
    case CUDNN_STATUS_EXECUTION_FAILED: return "CUDNN_STATUS_EXECUTION_FAILED";
  }
  return "unknown";
}
void cudnnGetLastErrorString(char* text, size_t size) {
  if (size > 0) *text = '\0';
}

cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
  const cudnnStatus_t status = status_of_this_call("cudnnCreate");
  if (status == CUDNN_STATUS_SUCCESS) *handle = new cudnnContext;
  return status;
}
cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) {
  delete handle;
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream) {
  handle->stream = stream;
  return status_of_this_call("cudnnSetStream");
}

namespace mneme::cuda {
namespace {

enum Way : int { refuses, in_order, unordered, ways };
constexpr const char* names[ways] = {"one that refuses", "in order", "unordered"};
constexpr size_t workspaces[ways] = {size_t{1} << 12, 0, size_t{1} << 16};

AlgorithmNotes notes_of(Way way, const ConvKey& key) {
  AlgorithmNotes notes;
  notes.tensor_cores = key.precision != Precision::fp32;
  notes.unordered = way == unordered;
  return notes;
}

cudnnStatus_t submit(cudnnHandle_t handle, const stand_in::Work& work) {
  const std::lock_guard lock(stand_in::runtime_lock());
  return stand_in::submit(handle->stream, work) == cudaSuccess ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_EXECUTION_FAILED;
}

}  // namespace

struct ConvPlan::Made {
  ConvKey key;
  Way way;
  double microseconds;
};

class ConvPlanner {
 public:
  static ConvPlan plan(const ConvKey& key, Way way) {
    ConvPlan made;
    made.made_ = std::make_shared<const ConvPlan::Made>(
        ConvPlan::Made{key, way, 10 + static_cast<double>(chance()() % 1000) / 100});
    made.workspace_bytes_ = workspaces[way];
    made.name_ = names[way];
    made.notes_ = notes_of(way, key);
    return made;
  }
};

void ConvPlan::run(cudnnHandle_t handle, void* x, void* w, void* y, void* workspace) const {
  CUDA_CHECK(status_of_this_call("cudnnBackendExecute"));
  CUDA_CHECK(made_->way == refuses ? CUDNN_STATUS_NOT_SUPPORTED : CUDNN_STATUS_SUCCESS);
  for (const void* operand : {x, w, y})
    if (reinterpret_cast<uintptr_t>(operand) % 16 != 0)
      stand_in::stop("a convolution's operand is not aligned to 16 bytes");
  const auto run = [made = made_, x, w, y, workspace, bytes = workspace_bytes_] {
    if (bytes) std::memset(workspace, 0xAA, bytes);
    const uint64_t turn = made->way == unordered ? chance()() : 0;
    stand_in::convolve(made->key, x, w, y, turn);
  };
  CUDA_CHECK(submit(handle, {"convolution", made_->microseconds, run}));
}

std::vector<ConvPlan> conv_plans(const ConvKey& key, const PlanTarget&, size_t most, size_t workspace_limit) {
  CUDA_CHECK(status_of_this_call("cudnnBackendFinalize"));
  std::vector<ConvPlan> plans;
  for (int way = 0; way < ways && plans.size() < most; ++way) {
    const ConvPlan plan = ConvPlanner::plan(key, static_cast<Way>(way));
    if (plan.workspace_bytes() <= workspace_limit && acceptable(plan.notes(), key)) plans.push_back(plan);
  }
  return plans;
}

}  // namespace mneme::cuda
