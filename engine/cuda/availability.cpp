#include "engine/cuda/availability.h"

#include <utility>

#include "engine/base/error.h"

namespace mneme::cuda {
namespace {

constexpr std::string_view lower_batch =
    "lower --batch-size, or stop other programs on this GPU (nvidia-smi lists them)";
constexpr std::string_view earlier_kernel =
    "a kernel started earlier did this; CUDA_LAUNCH_BLOCKING=1 shows which one, compute-sanitizer where";
constexpr std::string_view build_for_this = "configure with -DCMAKE_CUDA_ARCHITECTURES=native";
constexpr std::string_view update_driver = "update the NVIDIA driver, or build with an older CUDA toolkit";
constexpr std::string_view mixed_cudnn =
    "parts of different cuDNN versions are mixed; see which folders LD_LIBRARY_PATH names";
constexpr std::string_view machine_trouble = "the GPU or its driver needs an administrator; nvidia-smi -q says more";

constexpr std::pair<std::string_view, std::string_view> hints[] = {
    {"cudaErrorMemoryAllocation", lower_batch},
    {"CUDNN_STATUS_ALLOC_FAILED", lower_batch},
    {"CUBLAS_STATUS_ALLOC_FAILED", lower_batch},
    {"CUBLAS_STATUS_NOT_INITIALIZED", lower_batch},
    {"cudaErrorIllegalAddress", earlier_kernel},
    {"cudaErrorMisalignedAddress", earlier_kernel},
    {"cudaErrorLaunchFailure", earlier_kernel},
    {"cudaErrorLaunchTimeout", earlier_kernel},
    {"cudaErrorAssert", earlier_kernel},
    {"cudaErrorNoKernelImageForDevice", build_for_this},
    {"cudaErrorInvalidDeviceFunction", build_for_this},
    {"cudaErrorUnsupportedPtxVersion", build_for_this},
    {"CUDNN_STATUS_ARCH_MISMATCH",
     "this cuDNN does not know this GPU; install a newer (or, for an old GPU, an older) cuDNN 9"},
    {"cudaErrorInsufficientDriver", update_driver},
    {"CUDNN_STATUS_NOT_INITIALIZED", update_driver},
    {"cudaErrorSystemDriverMismatch", machine_trouble},
    {"cudaErrorECCUncorrectable", machine_trouble},
    {"cudaErrorDevicesUnavailable", "another program holds the GPU for itself (nvidia-smi lists it)"},
    {"CUDNN_STATUS_VERSION_MISMATCH", mixed_cudnn},
    {"CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH", mixed_cudnn},
    {"CUDNN_STATUS_SUBLIBRARY_LOADING_FAILED", mixed_cudnn},
};

std::string version(int v) { return fmt::format("{}.{}", v / 1000, v % 1000 / 10); }

}  // namespace

std::string_view hint_for(std::string_view status) {
  for (const auto& [name, hint] : hints)
    if (name == status) return hint;
  return "";
}

std::string failure_text(std::string_view call, std::string_view status, std::string_view reason,
                         std::source_location at) {
  std::string text = fmt::format("{}: {}", call, status);
  if (!reason.empty()) text += fmt::format(": {}", reason);
  if (const std::string_view hint = hint_for(status); !hint.empty()) text += fmt::format("; {}", hint);
  text += fmt::format(" ({}:{})", at.file_name(), at.line());
  for (char& c : text)
    if (c == '\n') c = ' ';
  return text;
}

void fail_call(std::string_view call, std::string_view status, std::string_view reason, std::source_location at) {
  throw Error(failure_text(call, status, reason, at));
}

std::string unavailable_because(const Probe& p) {
  if (p.driver == 0) return "this machine has no NVIDIA driver; install one, or use --device cpu";
  if (p.driver / 1000 < p.toolkit / 1000)
    return fmt::format("the NVIDIA driver is too old: it serves CUDA {} and this program was built with CUDA {}; {}",
                       version(p.driver), version(p.toolkit), update_driver);
  if (p.count_status == "cudaErrorNoDevice" || (p.count_status.empty() && p.devices == 0))
    return p.visible_set
               ? fmt::format("no GPU can be seen: CUDA_VISIBLE_DEVICES is '{}'; unset it, or use --device cpu",
                             p.visible)
               : "the NVIDIA driver finds no GPU; nvidia-smi lists them, --device cpu works without";
  if (!p.count_status.empty()) {
    const std::string_view hint = hint_for(p.count_status);
    return fmt::format("the NVIDIA driver does not answer: {}{}{}", p.count_status, hint.empty() ? "" : "; ", hint);
  }
  if (!p.code_status.empty())
    return fmt::format("{} has compute capability {}.{}, and this program has code for {} only ({}); {}", p.name,
                       p.capability / 10, p.capability % 10, p.built_for, p.code_status, build_for_this);
  if (p.cudnn_built != p.cudnn_found)
    return fmt::format(
        "cuDNN {} was found, and this program was built with cuDNN {}; see which folders LD_LIBRARY_PATH names",
        p.cudnn_found, p.cudnn_built);
  return "";
}

}  // namespace mneme::cuda
