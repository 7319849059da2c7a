#pragma once
// What other suites call our flags, for messages to people who come from them.

#include <string>
#include <string_view>

namespace mneme {

/// Our flag for a flag of FACIL, PyCIL, mammoth or Avalanche, such as "--memory-total" for "--buffer_size"; empty if
/// none is known.
std::string_view our_name(std::string flag);

}  // namespace mneme
