#pragma once
// How text that tells of progress is shown: on a terminal in one live line, in a file or pipe in a line now and then.

#include <chrono>
#include <cstdio>
#include <string>

namespace mneme {

class ProgressBar {
 public:
  using Clock = std::chrono::steady_clock;

  /// `seldom` is how long a file or pipe is left in peace between two lines.
  explicit ProgressBar(std::FILE* to, Clock::duration seldom = std::chrono::minutes(1));

  /// True if the last text was shown long enough ago.
  bool due() const { return Clock::now() - shown_ >= between_; }
  /// On a terminal the next text takes this one's place.
  void show(const std::string& text);
  /// A line to stay.
  void keep(const std::string& text);

 private:
  std::FILE* to_;
  bool terminal_;
  Clock::duration between_;
  Clock::time_point shown_ = Clock::now();
};

}  // namespace mneme
