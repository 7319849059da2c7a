#pragma once
// What failed calls and missing GPUs are told to the user as. No CUDA header: every build has it, and its tests run
// where there is no GPU.

#include <source_location>
#include <string>
#include <string_view>

namespace mneme::cuda {

/// What a user can do about a status of CUDA, cuDNN or cuBLAS, by its name; empty if there is nothing to say.
std::string_view hint_for(std::string_view status);

/// "CALL: STATUS: REASON; HINT (FILE:LINE)" on one line.
std::string failure_text(std::string_view call, std::string_view status, std::string_view reason,
                         std::source_location at);
[[noreturn]] void fail_call(std::string_view call, std::string_view status, std::string_view reason,
                            std::source_location at);

/// What was found when looking for a GPU. Versions are 1000 major + 10 minor, as CUDA counts them.
struct Probe {
  int driver = 0;            ///< newest CUDA the driver can serve; 0: no driver
  int toolkit = 0;           ///< CUDA this program was built with
  std::string count_status;  ///< status of counting the devices; empty: success
  int devices = 0;
  std::string visible;  ///< CUDA_VISIBLE_DEVICES, if set
  bool visible_set = false;
  std::string name;                      ///< of the first device
  int capability = 0;                    ///< of the first device, 10 major + minor
  std::string code_status;               ///< status of looking up this program's code for it; empty: success
  std::string built_for;                 ///< architectures this program has code for
  int cudnn_built = 0, cudnn_found = 0;  ///< cuDNN's major version, at build time and now
};

/// Empty when the GPU can be used; otherwise one sentence with the reason and the way out.
std::string unavailable_because(const Probe& probe);

}  // namespace mneme::cuda
