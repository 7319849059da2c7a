#pragma once
// The messages for failed calls and missing GPUs. This header includes no CUDA header: every build has it, and its
// tests run on machines without a GPU.

#include <source_location>
#include <string>
#include <string_view>

namespace mneme::cuda {

/// What a user can do about a status of CUDA, cuDNN or cuBLAS, given the name of the status; empty if there is nothing
/// to say.
std::string_view hint_for(std::string_view status);

/// The message for a failed call: "CALL: STATUS: REASON; HINT (FILE:LINE)" on one line.
std::string failure_text(std::string_view call, std::string_view status, std::string_view reason,
                         std::source_location at);
/// Throws Error with failure_text().
[[noreturn]] void fail_call(std::string_view call, std::string_view status, std::string_view reason,
                            std::source_location at);

/// What was found when looking for a GPU. Versions are 1000 major + 10 minor, as CUDA counts them.
struct Probe {
  int driver = 0;            ///< newest CUDA version that the driver supports; 0: no driver
  int toolkit = 0;           ///< CUDA version that this program was built with
  std::string count_status;  ///< status of counting the devices; empty: success
  int devices = 0;           ///< number of GPUs
  std::string visible;       ///< CUDA_VISIBLE_DEVICES, if set
  bool visible_set = false;  ///< whether CUDA_VISIBLE_DEVICES is set
  std::string name;          ///< name of the first GPU
  int capability = 0;        ///< compute capability of the first GPU, 10 major + minor
  std::string code_status;   ///< status of looking up this program's code for it; empty: success
  std::string built_for;     ///< architectures that this program has code for
  int cudnn_built = 0,       ///< cuDNN's major version at build time
      cudnn_found = 0;       ///< cuDNN's major version now
};

/// Empty if the GPU can be used; otherwise one sentence with the reason and the remedy.
std::string unavailable_because(const Probe& probe);

}  // namespace mneme::cuda
