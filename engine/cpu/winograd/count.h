#pragma once
// Numbers of channels that the compiler knows: loops over them become straight code, and distances between channels
// become constants in instructions.

#include <cstdint>

namespace mneme::winograd {
namespace {

/// A number that is known when the program is compiled.
template <int64_t N>
struct Known {
  constexpr operator int64_t() const { return N; }
};

/// Calls body(count), with a Known one for the numbers of channels in networks for small images.
template <class Body>
void with_count(int64_t count, const Body& body) {
  switch (count) {
    case 16: return body(Known<16>{});
    case 32: return body(Known<32>{});
    case 64: return body(Known<64>{});
    default: return body(count);
  }
}

}  // namespace
}  // namespace mneme::winograd
