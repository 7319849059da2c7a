#pragma once
// Dimensions of a tensor, outermost first.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace mneme {

/// Up to five dimensions, held in place. An empty shape is a scalar: rank 0, one element.
class Shape {
 public:
  static constexpr int max_rank = 5;

  Shape() = default;
  Shape(std::initializer_list<int64_t> dims);

  int rank() const { return rank_; }
  /// Dimension `i`; negative counts from the end.
  int64_t operator[](int i) const { return dims_[static_cast<size_t>(i < 0 ? rank_ + i : i)]; }
  void set(int i, int64_t value) { dims_[static_cast<size_t>(i < 0 ? rank_ + i : i)] = value; }
  void append(int64_t dim);
  int64_t elements() const;
  bool operator==(const Shape& other) const;
  /// "(128, 64)"
  std::string text() const;

 private:
  std::array<int64_t, max_rank> dims_{};
  int rank_ = 0;
};

}  // namespace mneme
