#include "incremental/method/train_options.h"

#include <algorithm>
#include <cmath>

#include "engine/base/suggest.h"

namespace mneme {
namespace {

constexpr std::pair<const char*, ScheduleKind> schedule_names[] = {{"steps", ScheduleKind::steps},
                                                                   {"cosine", ScheduleKind::cosine},
                                                                   {"patience", ScheduleKind::patience},
                                                                   {"constant", ScheduleKind::constant}};

int epoch_of(double milestone, int epochs) { return static_cast<int>(std::lround(milestone * epochs)); }

/// Integer divisions, as in SS-IL's code. At least one epoch remains.
void shorten(TrainOptions& o) {
  const int epochs = std::max(1, o.epochs / o.later_divisor);
  for (double& milestone : o.milestones)
    milestone = std::min(1.0, static_cast<double>(epoch_of(milestone, o.epochs) / o.later_divisor) / epochs);
  o.epochs = epochs;
}

}  // namespace

ScheduleKind schedule_named(const std::string& name) { return choose_by_name("schedule", name, schedule_names); }
const char* name_of(ScheduleKind kind) { return name_among(schedule_names, kind); }

TrainOptions for_task(TrainOptions options, int task) {
  if (task == 0 && options.base_epochs > 0) options.epochs = options.base_epochs;
  if (task > 0 && options.later_divisor > 1) shorten(options);
  if (options.lr_by_task) options.learning_rate /= task + 1;
  return options;
}

std::vector<int> drops_of(const TrainOptions& o) {
  std::vector<int> drops;
  for (const double fraction : o.milestones) drops.push_back(std::max(1, epoch_of(fraction, o.epochs)));
  std::ranges::sort(drops);
  drops.erase(std::unique(drops.begin(), drops.end()), drops.end());
  std::erase_if(drops, [&](int epoch) { return epoch >= o.epochs; });
  return drops;
}

std::unique_ptr<Schedule> make_schedule(const TrainOptions& o) {
  switch (o.schedule) {
    case ScheduleKind::cosine: return cosine_schedule(o.learning_rate, o.epochs, o.schedule_lag);
    case ScheduleKind::constant: return multi_step_schedule(o.learning_rate, {}, 1);
    case ScheduleKind::patience: {
      PatienceOptions patience = o.patience;
      patience.lr = o.learning_rate;
      return patience_schedule(patience);
    }
    case ScheduleKind::steps: break;
  }
  return multi_step_schedule(o.learning_rate, drops_of(o), o.lr_gamma);
}

}  // namespace mneme
