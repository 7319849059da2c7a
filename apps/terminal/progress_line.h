#pragma once
// How far a long walk over files has come.

#include <cstdint>

#include "apps/terminal/progress_bar.h"

namespace mneme {

class ProgressLine {
 public:
  /// Says nothing in the first seconds, so that short walks leave no trace.
  ProgressLine(std::FILE* to, double silent_seconds) : line_(to), silent_(silent_seconds) {}

  struct Place {
    int64_t done, total;
    int64_t begun_with = 0;  ///< done before this walk began
  };
  /// "DONE of TOTAL pictures, NOTE, 12 s left"
  void show(const Place& place, const std::string& note);

 private:
  ProgressBar line_;
  double silent_;
  ProgressBar::Clock::time_point started_ = ProgressBar::Clock::now();
};

}  // namespace mneme
