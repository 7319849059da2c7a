#include "apps/terminal/progress_bar.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <sstream>
#include <string_view>
#include <utility>

#include "apps/terminal/interrupt.h"
#include "apps/terminal/process.h"

namespace mneme {
namespace {

constexpr int usual_columns = 80;
constexpr std::string_view cut_mark = "...";
constexpr const char* erase_line = "\r\033[K";

std::FILE* standing = nullptr;  // the stream on whose last row a live line stands; null: none does

bool knows_escape_codes() {
  const char* kind = std::getenv("TERM");
  return kind && *kind && std::string_view(kind) != "dumb";
}

/// The number in the environment variable COLUMNS, 0 if there is none.
int columns_by_environment() {
  const char* given = std::getenv("COLUMNS");
  if (!given) return 0;
  const std::string_view text = given;
  int columns = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), columns);
  return error == std::errc() && end == text.data() + text.size() ? columns : 0;
}

/// The position of the code point that follows the first `count` ones, or the size of the text if it has no more.
std::size_t end_of_code_points(std::string_view text, std::size_t count) {
  const auto begins = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80; };
  for (std::size_t at = 0; at < text.size(); ++at)
    if (begins(at) && count-- == 0) return at;
  return text.size();
}

}  // namespace

void end_live_line() {
  if (standing) {
    fmt::print(standing, "\n");
    std::fflush(std::exchange(standing, nullptr));
  } else if (interrupt_noted() == SIGINT && isatty(STDERR_FILENO)) {
    fmt::print(stderr, "\n");  // the terminal has echoed Ctrl-C as ^C
  }
}

int terminal_columns(std::FILE* to) {
  winsize window = {};
  if (ioctl(fileno(to), TIOCGWINSZ, &window) == 0 && window.ws_col > 0) return window.ws_col;
  const int columns = columns_by_environment();
  return columns > 0 ? columns : usual_columns;
}

std::string cut_to_columns(const std::string& text, int columns) {
  const auto room = static_cast<std::size_t>(std::max(0, columns - 1));
  if (end_of_code_points(text, room) == text.size()) return text;
  if (room <= cut_mark.size()) return text.substr(0, end_of_code_points(text, room));
  return text.substr(0, end_of_code_points(text, room - cut_mark.size())).append(cut_mark);
}

std::string folded(const std::string& text, int columns) {
  std::istringstream words(text);
  std::string out;
  int used = 0;
  for (std::string word; words >> word;) {
    const auto width = static_cast<int>(std::ranges::count_if(word, [](char c) { return (c & 0xC0) != 0x80; }));
    const bool fits = out.empty() || used + 1 + width < columns;
    out += out.empty() ? word : (fits ? " " : "\n  ") + word;
    used = out.size() == word.size() ? width : fits ? used + 1 + width : 2 + width;
  }
  return out;
}

std::string folded_for(std::FILE* to, const std::string& text) {
  return isatty(fileno(to)) ? folded(text, terminal_columns(to)) : text;
}

ProgressBar::ProgressBar(std::FILE* to, Clock::duration seldom)
    : to_(to),
      terminal_(isatty(fileno(to)) != 0),
      live_(terminal_ && knows_escape_codes()),
      between_(live_ ? std::chrono::milliseconds(200) : seldom) {}

void ProgressBar::show(const std::string& text) {
  shown_ = Clock::now();
  const std::string line = terminal_ ? cut_to_columns(text, terminal_columns(to_)) : text;
  say(to_, fmt::format("{}{}{}", live_ ? erase_line : "", line, live_ ? "" : "\n"));
  if (live_) standing = to_;
}

void ProgressBar::keep(const std::string& text) {
  say(to_, fmt::format("{}{}\n", live_ ? erase_line : "", text));
  if (standing == to_) standing = nullptr;
}

}  // namespace mneme
