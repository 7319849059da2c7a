#include "apps/terminal/progress_line.h"

#include <fmt/format.h>

#include "apps/terminal/console.h"

namespace mneme {

void ProgressLine::show(const Place& place, const std::string& note) {
  const double seconds = std::chrono::duration<double>(ProgressBar::Clock::now() - started_).count();
  const bool last = place.done == place.total;
  if (seconds < silent_ || (!last && !line_.due())) return;
  const double left =
      seconds * static_cast<double>(place.total - place.done) / static_cast<double>(place.done - place.begun_with);
  const std::string text =
      fmt::format("{} of {} pictures, {}, {} left", place.done, place.total, note, duration_text(left));
  last ? line_.keep(text) : line_.show(text);
}

}  // namespace mneme
