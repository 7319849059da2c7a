#pragma once
// How far a long walk over files has come.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace mneme {

/// One live line on a terminal; elsewhere a line at every tenth.
class ProgressLine {
 public:
  /// Says nothing in the first seconds, so that short walks leave no trace.
  ProgressLine(std::FILE* to, double silent_seconds) : to_(to), silent_(silent_seconds) {}

  struct Place {
    int64_t done, total;
    int64_t begun_with = 0;  ///< done before this walk began
  };
  /// "DONE of TOTAL pictures, NOTE, 12 s left"
  void show(const Place& place, const std::string& note);

 private:
  using Clock = std::chrono::steady_clock;
  std::FILE* to_;
  double silent_;
  Clock::time_point started_ = Clock::now(), shown_{};
  int64_t tenth_ = 0;
};

}  // namespace mneme
