#pragma once
// A type known at run time becomes a type known to the compiler.

#include "engine/bf16.h"
#include "engine/tensor.h"

namespace mneme {

/// Calls body(float{}) or body(double{}), whichever `type` is.
template <class Body>
void with_real(DType type, const Body& body) {
  if (type == DType::f32) return body(float{});
  MNEME_CHECK(type == DType::f64, "this operation needs real numbers (f32 or f64), got {}", name_of(type));
  body(double{});
}

/// Does so for the types in which feature maps are stored: calls `body` with float{}, double{} or Bf16{}. A Bf16
/// computes as Arithmetic<Bf16>.
template <class Body>
void with_stored(DType type, const Body& body) {
  if (type == DType::bf16) return body(Bf16{});
  with_real(type, body);
}

}  // namespace mneme
