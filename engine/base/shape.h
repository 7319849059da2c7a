#pragma once
// The dimensions of a tensor, outermost first.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace mneme {

/// Up to five dimensions, stored in place. An empty shape is that of a scalar: rank 0, one element.
class Shape {
 public:
  static constexpr int max_rank = 5;  ///< the largest rank

  /// The shape of a scalar.
  Shape() = default;
  /// A shape with these dimensions. Throws Error for more than five dimensions and for a negative one.
  Shape(std::initializer_list<int64_t> dims);

  /// The number of dimensions.
  int rank() const { return rank_; }
  /// Dimension `i`; a negative i counts from the end. The index is not checked.
  int64_t operator[](int i) const { return dims_[static_cast<size_t>(i < 0 ? rank_ + i : i)]; }
  /// Sets dimension `i`; a negative i counts from the end. Nothing is checked.
  void set(int i, int64_t value) { dims_[static_cast<size_t>(i < 0 ? rank_ + i : i)] = value; }
  /// Adds a last dimension. Throws Error if it is negative or the sixth.
  void append(int64_t dim);
  /// The product of the dimensions; 1 for a scalar.
  int64_t elements() const;
  /// True if rank and all dimensions agree.
  bool operator==(const Shape& other) const;
  /// The shape as text, e.g. "(128, 64)".
  std::string text() const;

 private:
  std::array<int64_t, max_rank> dims_{};
  int rank_ = 0;
};

}  // namespace mneme
