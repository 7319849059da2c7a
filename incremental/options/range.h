#pragma once
// The range of numbers that an option accepts.

#include <limits>
#include <optional>
#include <string>

namespace mneme {

/// An interval of numbers, and possibly one value outside it that has a meaning of its own. The default holds all
/// finite numbers.
struct Range {
  double least = -std::numeric_limits<double>::infinity(),  ///< lower end of the interval
      most = std::numeric_limits<double>::infinity();       ///< upper end of the interval
  bool least_allowed = false,                               ///< whether the lower end belongs to the interval
      most_allowed = false;                                 ///< whether the upper end belongs to the interval
  std::optional<double> special = {};  ///< allowed besides, for example -1 for "chosen by the program"

  /// This range, but `value` is allowed as well. It replaces a special value that was allowed before.
  constexpr Range or_value(double value) const {
    Range range = *this;
    range.special = value;
    return range;
  }
  /// True if `value` lies in the interval or is the special value; false for NaN.
  constexpr bool contains(double value) const {
    const bool at_end = (value == least && least_allowed) || (value == most && most_allowed);
    return (value > least && value < most) || at_end || special == value;
  }
  /// What a message says after "must": "be at least 0", "be more than 0", "lie in [0, 1)". Empty for the default.
  std::string text() const;
  /// Throws UsageError, which names the flag, unless the value lies in the range.
  void check(const std::string& flag, double value) const;
};

/// value >= least.
constexpr Range at_least(double least) { return {.least = least, .least_allowed = true}; }
/// value > limit.
constexpr Range above(double limit) { return {.least = limit}; }
/// 0 <= value <= 1.
constexpr Range share() { return {.least = 0, .most = 1, .least_allowed = true, .most_allowed = true}; }
/// 0 < value <= 1.
constexpr Range share_above_zero() { return {.least = 0, .most = 1, .most_allowed = true}; }
/// 0 <= value < 1.
constexpr Range share_below_one() { return {.least = 0, .most = 1, .least_allowed = true}; }
/// 0 < value < 1.
constexpr Range inner_share() { return {.least = 0, .most = 1}; }

}  // namespace mneme
