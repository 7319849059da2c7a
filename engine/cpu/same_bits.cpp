// Decides whether two descriptions of the CPU device stand for equal bits.

#include <algorithm>
#include <string_view>

#include "engine/base/error.h"
#include "engine/device.h"

namespace mneme {
namespace {

/// The parts of "cpu: avx2 kernels, oneDNN 2.7.2 (avx2)", as CpuBackend::describe() puts them together.
struct CpuDescription {
  // The last part is empty in a build with its own loops, and in older runs.
  std::string_view kernels, library, instructions;
};

/// Empty parts for the description of another device.
CpuDescription parts_of(std::string_view text) {
  constexpr std::string_view begin = "cpu: ", between = " kernels, ";
  const size_t middle = text.find(between);
  if (!text.starts_with(begin) || middle == text.npos) return {};
  CpuDescription parts{text.substr(begin.size(), middle - begin.size()), text.substr(middle + between.size()), {}};
  const size_t bracket = parts.library.rfind(" (");
  if (!parts.library.starts_with("oneDNN") || bracket == parts.library.npos || !parts.library.ends_with(')'))
    return parts;
  parts.instructions = parts.library.substr(bracket + 2, parts.library.size() - bracket - 3);
  parts.library = parts.library.substr(0, bracket);
  return parts;
}

/// oneDNN names extensions of an instruction set as well. Its float32 kernels do not use them.
std::string_view generation(std::string_view instructions) {
  for (const std::string_view known : {"avx512", "avx2", "avx", "sse41"})
    if (instructions.starts_with(known)) return known;
  return instructions;
}

/// The vectors of AVX-512 and AVX2 differ in length, but every lane computes the same; a test compares the bits.
bool same_kernels(std::string_view a, std::string_view b) {
  const auto fused = [](std::string_view name) { return name == "avx512" || name.starts_with("avx2"); };
  return a == b || (fused(a) && fused(b));
}

}  // namespace

std::string why_other_bits(const std::string& there, const std::string& here) {
  if (there == here) return {};
  const CpuDescription a = parts_of(there), b = parts_of(here);
  if (a.kernels.empty() || b.kernels.empty()) return fmt::format("it was computed by {}, and here by {}", there, here);
  if (!same_kernels(a.kernels, b.kernels))
    return fmt::format(
        "its convolutions were computed by the {} kernels, and here by the {} kernels, which round "
        "differently; MNEME_ISA chooses others",
        a.kernels, b.kernels);
  if (a.library != b.library)
    return fmt::format(
        "its other convolutions and its matrix products were computed by {}, and here by {}, which may "
        "add in another order",
        a.library, b.library);
  const std::string_view theirs = generation(a.instructions), ours = generation(b.instructions);
  if (theirs.empty() || ours.empty() || theirs == ours) return {};
  const bool can_be_forced = theirs == "avx2" && ours == "avx512";
  return fmt::format(
      "its other convolutions and its matrix products were computed by {} with {} instructions, and "
      "here with {}, which add in another order; {}",
      a.library, theirs, ours,
      can_be_forced ? "MNEME_ISA=avx2 in the environment goes on with it"
                    : fmt::format("go on with it on a processor with {}", theirs));
}

}  // namespace mneme
