#pragma once
// What all operations ask of their inputs: one device, and one real type where both are real.

#include "engine/tensor.h"

namespace mneme {

inline void check_same_device(const char* op, const Tensor& a, const Tensor& b) {
  MNEME_CHECK(a.device() == b.device(), "{}: cannot mix a tensor on {} with one on {}; move one with to()", op,
              name_of(a.device()), name_of(b.device()));
}

inline void check_mixable(const char* op, const Tensor& a, const Tensor& b, bool mixable) {
  MNEME_CHECK(mixable, "{}: cannot mix {} {} with {} {}; convert one with to()", op, name_of(a.device()),
              name_of(a.dtype()), name_of(b.device()), name_of(b.dtype()));
}

inline void check_same_kind(const char* op, const Tensor& a, const Tensor& b) {
  check_mixable(op, a, b, a.device() == b.device() && a.dtype() == b.dtype());
}

/// For what stored numbers are computed with, such as the coefficients of a feature map.
inline void check_computes_with(const char* op, const Tensor& stored, const Tensor& other) {
  check_mixable(op, stored, other, stored.device() == other.device() && arithmetic_of(stored.dtype()) == other.dtype());
}

}  // namespace mneme
