#pragma once
// The flags of every program that computes: on what, and how exactly.

#include <CLI/CLI.hpp>

#include <optional>
#include <string>

#include "engine/device.h"

namespace mneme {

/// What computes, and how.
struct MachineFlags {
  std::string device;                    ///< "auto", "cpu", "cuda" or "reference"
  std::optional<std::string> precision,  ///< "tf32", "fp32" or "bf16"; none: as it is already
      capture_steps;                     ///< "auto", "never" or "always"; none: as it is already
  int threads = 0;                       ///< 0: physical cores
  bool exact_convolutions = false,       ///< direct convolutions instead of Winograd's
      deterministic = false;             ///< a GPU uses only algorithms that repeat to the bit

  /// The device is "auto".
  MachineFlags();  // defined elsewhere, or GCC 12 takes copies for uninitialised
};

/// Declares the flags of `flags` on `app`, under that heading.
void add_flags(CLI::App& app, MachineFlags& flags, const char* group);
/// Sets threads, precision and convolution kernels as the flags say, and returns the device; "auto" is the GPU if there
/// is a usable one. Throws UsageError for unknown names, and says why where the device cannot be used.
Device choose_machine(const MachineFlags& flags);

}  // namespace mneme
