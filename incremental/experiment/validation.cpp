// Which values the numbers of a run's options may have, checked before anything is trained. The ranges of the methods'
// options stand in their rows: Note [Method options] in incremental/options/option.h.

#include "incremental/experiment/experiment_options.h"
#include "incremental/options/range.h"

namespace mneme {
namespace {

void check_gas(const NeuralGasOptions& g) {
  share().check("--gas-step", g.step);
  above(0).check("--gas-decay", g.decay);
  at_least(0).check("--gas-epochs", g.epochs);
}

void check_grid(const GridSearchOptions& g) {
  at_least(0).check("--grid-search-tasks", g.tasks);
  for (const double rate : g.first_lrs) above(0).check("--grid-first-lrs", rate);
  for (const double rate : g.lrs) above(0).check("--grid-lrs", rate);
  if (g.first_lrs.empty()) fail_usage("--grid-first-lrs needs at least one learning rate");
  at_least(1).check("--grid-lrs-tried", g.lrs_tried);
  share_below_one().check("--grid-drop", g.drop);
  above(0).check("--grid-decay", g.decay);
  share_below_one().check("--grid-decay", g.decay);
  at_least(1).check("--grid-tries", g.tries);
}

void check_schedule(const TrainOptions& t) {
  above(0).check("--lr", t.learning_rate);
  for (const double milestone : t.milestones) share_above_zero().check("--milestones", milestone);
  above(0).check("--lr-gamma", t.lr_gamma);
  above(1).check("--lr-factor", t.patience.factor);
  at_least(1).check("--lr-patience", t.patience.patience);
  at_least(0).check("--lr-min", t.patience.least);
  at_least(0).check("--lr-lag", t.schedule_lag);
}

void check_training(const TrainOptions& t) {
  at_least(1).check("--epochs", t.epochs);
  at_least(0).check("--base-epochs", t.base_epochs);
  at_least(1).check("--batch-size", t.batch_size);
  share_below_one().check("--momentum", t.sgd.momentum);
  at_least(0).check("--weight-decay", t.sgd.weight_decay);
  at_least(0).check("--clip-norm", t.clip_norm);
  at_least(0).check("--clip-value", t.clip_value);
  at_least(0).check("--warmup-epochs", t.warmup_epochs);
  above(0).check("--warmup-factor", t.warmup_factor);
  at_least(1).check("--later-divisor", t.later_divisor);
  if (t.keep_momentum && t.sgd.momentum == 0) fail_usage("--keep-momentum keeps nothing at --momentum 0");
  share().check("--brightness", t.augmentation.brightness);
}

}  // namespace

void check_ranges(const ExperimentOptions& options) {
  for (const Option& option : options_in_use(options.method, options.slots)) option.check(options.method_options);
  check_schedule(options.train);
  check_grid(options.grid);
  check_training(options.train);
  at_least(0).check("--memory-shared-by", options.memory.shared_by);
  check_gas(options.gas);
  (void)side_meant_for(options.network.name);
}

}  // namespace mneme
