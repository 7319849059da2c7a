#include "apps/common/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include "apps/common/console.h"

namespace mneme {

void ProgressLine::show(const Place& place, const std::string& note) {
  const auto now = Clock::now();
  const double seconds = std::chrono::duration<double>(now - started_).count();
  const bool last = place.done == place.total, terminal = isatty(fileno(to_)) != 0;
  const int64_t tenth = 10 * place.done / place.total;
  if (seconds < silent_) return;
  if (!last && (terminal ? now - shown_ < std::chrono::milliseconds(200) : tenth == tenth_)) return;
  shown_ = now;
  tenth_ = tenth;
  const double left =
      seconds * static_cast<double>(place.total - place.done) / static_cast<double>(place.done - place.begun_with);
  fmt::print(to_, "{}{} of {} pictures, {}, {} left{}", terminal ? "\r\033[K" : "", place.done, place.total, note,
             duration_text(left), terminal && !last ? "" : "\n");
  std::fflush(to_);
}

}  // namespace mneme
