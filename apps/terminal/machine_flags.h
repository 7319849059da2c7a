#pragma once
// Flags that all computing programs share: the device, its threads, and the precision of its arithmetic.

#include <optional>
#include <string>

#include "engine/device.h"

namespace CLI {
class App;  // CLI11 takes seconds to compile, so that only sources include it
}

namespace mneme {

/// On which device a run computes, and how.
struct MachineFlags {
  std::string device;                    ///< "auto", "cpu", "cuda" or "reference"
  std::optional<std::string> precision,  ///< "tf32", "fp32" or "bf16"; none: as it is already
      capture_steps;                     ///< "auto", "never" or "always"; none: as it is already
  int threads = 0;                       ///< threads of the CPU device; 0: one for each physical core
  bool exact_convolutions = false,       ///< compute 3x3 convolutions directly instead of by Winograd's algorithm
      deterministic = false;             ///< the GPU uses only algorithms whose results repeat bit for bit

  /// The default device is "auto".
  MachineFlags();
};

/// Declares the flags of `flags` on `app`, under the heading `group` of --help.
void add_flags(CLI::App& app, MachineFlags& flags, const char* group);
/// Sets threads, precision and convolution kernels as the flags say, and returns the device. "auto" means the GPU if
/// one can be used, otherwise the CPU. Throws UsageError for an unknown name and for a device that cannot be used; the
/// message gives the reason.
Device choose_machine(const MachineFlags& flags);

}  // namespace mneme
