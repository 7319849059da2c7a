#pragma once
// Shows the progress of work on many files.

#include <cstdint>

#include "apps/terminal/progress_bar.h"

namespace mneme {

class ProgressLine {
 public:
  /// Prints nothing in the first seconds, so that short work leaves no line.
  ProgressLine(std::FILE* to, double silent_seconds) : line_(to), silent_(silent_seconds) {}

  struct Place {
    int64_t done, total;
    int64_t begun_with = 0;  ///< files that were done before this process began
  };
  /// The text of the line: "DONE of TOTAL images, NOTE, 12 s left".
  void show(const Place& place, const std::string& note);

 private:
  ProgressBar line_;
  double silent_;
  ProgressBar::Clock::time_point started_ = ProgressBar::Clock::now();
};

}  // namespace mneme
