#include "incremental/train_options.h"

#include <cmath>

#include "engine/suggest.h"

namespace mneme {
namespace {

constexpr std::pair<const char*, ScheduleKind> schedule_names[] = {{"steps", ScheduleKind::steps},
                                                                   {"cosine", ScheduleKind::cosine},
                                                                   {"patience", ScheduleKind::patience},
                                                                   {"constant", ScheduleKind::constant}};

}  // namespace

ScheduleKind schedule_named(const std::string& name) { return choose_by_name("schedule", name, schedule_names); }
const char* name_of(ScheduleKind kind) { return name_among(schedule_names, kind); }

std::unique_ptr<Schedule> make_schedule(const TrainOptions& o) {
  switch (o.schedule) {
    case ScheduleKind::cosine: return cosine_schedule(o.learning_rate, o.epochs, o.schedule_lag);
    case ScheduleKind::constant: return multi_step_schedule(o.learning_rate, {}, 1);
    case ScheduleKind::patience: {
      PatienceOptions patience = o.patience;
      patience.rate = o.learning_rate;
      return patience_schedule(patience);
    }
    case ScheduleKind::steps: break;
  }
  std::vector<int> milestones;
  for (const double fraction : o.milestones) milestones.push_back(static_cast<int>(std::lround(fraction * o.epochs)));
  return multi_step_schedule(o.learning_rate, milestones, o.step_factor);
}

}  // namespace mneme
