#pragma once
// The checks of inputs that all operations share: one device, and one type where both inputs are real.

#include "engine/tensor.h"

namespace mneme {

/// Throws Error if the devices differ. `op` names the operation in the message.
inline void check_same_device(const char* op, const Tensor& a, const Tensor& b) {
  MNEME_CHECK(a.device() == b.device(), "{}: cannot mix a tensor on {} with one on {}; move one with to()", op,
              name_of(a.device()), name_of(b.device()));
}

/// Throws Error, naming devices and types, unless `mixable`.
inline void check_mixable(const char* op, const Tensor& a, const Tensor& b, bool mixable) {
  MNEME_CHECK(mixable, "{}: cannot mix {} {} with {} {}; convert one with to()", op, name_of(a.device()),
              name_of(a.dtype()), name_of(b.device()), name_of(b.dtype()));
}

/// Throws Error if devices or types differ.
inline void check_same_kind(const char* op, const Tensor& a, const Tensor& b) {
  check_mixable(op, a, b, a.device() == b.device() && a.dtype() == b.dtype());
}

/// For inputs that numbers of another type are computed with, such as the coefficients of a bf16 feature map: throws
/// Error unless `other` has the device of `stored` and the type that `stored` is computed in.
inline void check_computes_with(const char* op, const Tensor& stored, const Tensor& other) {
  check_mixable(op, stored, other, stored.device() == other.device() && arithmetic_of(stored.dtype()) == other.dtype());
}

}  // namespace mneme
