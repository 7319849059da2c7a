#pragma once
// Shows changing progress text: on a terminal in one live line, in a file or pipe as a line now and then.

#include <chrono>
#include <cstdio>
#include <string>

namespace mneme {

class ProgressBar {
 public:
  using Clock = std::chrono::steady_clock;

  /// `seldom` is the shortest time between two lines in a file or pipe. A terminal that knows no escape codes (the
  /// environment variable TERM is "dumb", empty or missing) is written like a file.
  explicit ProgressBar(std::FILE* to, Clock::duration seldom = std::chrono::minutes(1));

  /// Whether enough time has passed to show the next text.
  bool due() const { return Clock::now() - shown_ >= between_; }
  /// Shows a text in place of the last one. On a terminal the text is cut to the present width, so that it fills at
  /// most one row.
  void show(const std::string& text);
  /// Writes a line that stays. It is never cut.
  void keep(const std::string& text);

 private:
  std::FILE* to_;
  bool terminal_;
  bool live_;  // `to` is a terminal that can erase a line
  Clock::duration between_;
  Clock::time_point shown_ = Clock::now();
};

/// Ends the live line on a terminal, so that text that is printed next begins a new row: an error, or the letters ^C
/// that the terminal itself prints. Without a live line it begins a new row only after Ctrl-C, because of these
/// letters.
void end_live_line();

/// The number of columns of the terminal that `to` writes to. The terminal is asked at each call, so that a resized
/// window counts at once. If the terminal does not know its width, the environment variable COLUMNS decides; without
/// that, 80.
int terminal_columns(std::FILE* to);

/// The beginning of a UTF-8 text that takes fewer than `columns` columns, with one column for each code point. The last
/// column stays free, because some terminals begin a new row as soon as it is filled. A text that was cut ends in "..."
/// if there is room for it.
std::string cut_to_columns(const std::string& text, int columns);

/// The text as lines of fewer than `columns` columns, broken at blanks. Lines after the first are indented by two. A
/// word that is too long for a line keeps one of its own.
std::string folded(const std::string& text, int columns);

/// `text` as a line for `to`: folded() to the width of a terminal, and as it is for a file or pipe.
std::string folded_for(std::FILE* to, const std::string& text);

}  // namespace mneme
