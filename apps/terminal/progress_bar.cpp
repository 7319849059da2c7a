#include "apps/terminal/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

namespace mneme {

ProgressBar::ProgressBar(std::FILE* to, Clock::duration seldom)
    : to_(to), terminal_(isatty(fileno(to)) != 0), between_(terminal_ ? std::chrono::milliseconds(200) : seldom) {}

void ProgressBar::show(const std::string& text) {
  shown_ = Clock::now();
  fmt::print(to_, "{}{}{}", terminal_ ? "\r\033[K" : "", text, terminal_ ? "" : "\n");
  std::fflush(to_);
}

void ProgressBar::keep(const std::string& text) {
  fmt::print(to_, "{}{}\n", terminal_ ? "\r\033[K" : "", text);
  std::fflush(to_);
}

}  // namespace mneme
