#pragma once
// Clocks and medians.

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace mneme {

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  /// The seconds since the clock was started or since the last call of lap().
  double lap() {
    const auto now = Clock::now();
    return std::chrono::duration<double>(now - std::exchange(start_, now)).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

struct TimeSpread {
  double median = 0, least = 0, most = 0;
};

/// The median, the least and the greatest of the values. Of an even number of values the median is the lower of the two
/// in the middle. All are 0 if there are no values.
inline TimeSpread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  return {values[(values.size() - 1) / 2], values.front(), values.back()};
}

}  // namespace mneme
