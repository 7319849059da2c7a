// Which values a run's numbers may have, by the names of their flags: said before anything is trained.

#include <cmath>
#include <limits>

#include "incremental/experiment/experiment.h"

namespace mneme {
namespace {

constexpr double no_limit = std::numeric_limits<double>::infinity();

void at_least(const char* flag, double value, double least) {
  if (!(value >= least && value < no_limit)) fail_usage("{} must be at least {}, got {}", flag, least, value);
}

void above(const char* flag, double value, double limit) {
  if (!(value > limit && value < no_limit)) fail_usage("{} must be more than {}, got {}", flag, limit, value);
}

/// 0 <= value <= 1, or < 1 where 1 itself makes no sense.
void share(const char* flag, double value, bool one_allowed) {
  if (!(value >= 0 && (value < 1 || (one_allowed && value == 1))))
    fail_usage("{} must lie in [0, 1{}, got {}", flag, one_allowed ? "]" : ")", value);
}

void check_method(const MethodOptions& m) {
  at_least("--lambda", m.lambda.value_or(0), 0);
  above("--temperature", m.temperature, 0);
  at_least("--eps", m.eps, 0);
  at_least("--sr-joint", m.sr_joint, 0);
  at_least("--bsr-binary", m.bsr_binary, 0);
  above("--alpha", m.alpha, 0);
  at_least("--alpha-lr", m.alpha_rate, 0);
  at_least("--alpha-period", m.alpha_period, 1);
  at_least("--freeze-after", m.freeze_after, -1);
  at_least("--attention-weight", m.attention, 0);
  at_least("--gamma1", m.gamma1, 0);
  at_least("--gamma-binary", m.gamma_binary, 0);
  at_least("--margin-weight", m.margin_weight, 0);
  at_least("--margin", m.margin, 0);
  at_least("--margin-classes", m.margin_classes, 1);
  at_least("--balanced-epochs", m.balanced_epochs, 0);
  above("--balanced-lr", m.balanced_rate.value_or(1), 0);
  at_least("--flat-weight", m.flat_weight, 0);
  at_least("--delta", m.delta, 0);
  at_least("--vertices", m.vertices, 3);
  if (m.importance_alpha != -1) share("--importance-alpha", m.importance_alpha, true);
  above("--damping", m.damping, 0);
  at_least("--importance-images", m.importance_images, 0);
  above("--finetuning-lr-factor", m.finetuning_factor, 0);
  at_least("--finetuning-epochs", m.finetuning_epochs, 0);
  share("--validation-exemplars", m.held_out, false);
  at_least("--bias-epochs", m.bias_epochs, 0);
  at_least("--aux-batch-size", m.auxiliary_batch, 1);
  at_least("--replay-batch", m.replay_batch, 1);
  at_least("--exemplar-lr", m.exemplar_rate.value_or(0), 0);
  at_least("--exemplar-step", m.exemplar_step, 0);
  at_least("--exemplar-epochs", m.exemplar_epochs, 1);
}

void check_gas(const NeuralGasOptions& g) {
  share("--gas-step", g.step, true);
  above("--gas-decay", g.decay, 0);
  at_least("--gas-epochs", g.turns, 0);
}

void check_grid(const GridSearchOptions& g) {
  at_least("--grid-search-tasks", g.tasks, 0);
  for (const double rate : g.first_rates) above("--grid-first-lrs", rate, 0);
  for (const double rate : g.rates) above("--grid-lrs", rate, 0);
  if (g.first_rates.empty()) fail_usage("--grid-first-lrs needs at least one learning rate");
  at_least("--grid-lrs-tried", g.rates_tried, 1);
  share("--grid-drop", g.accepted_drop, false);
  above("--grid-decay", g.decay, 0);
  share("--grid-decay", g.decay, false);
  at_least("--grid-tries", g.most_tries, 1);
}

void check_schedule(const TrainOptions& t) {
  above("--lr", t.learning_rate, 0);
  for (const double milestone : t.milestones) share("--milestones", milestone, true);
  above("--lr-gamma", t.step_factor, 0);
  above("--lr-factor", t.patience.factor, 1);
  at_least("--lr-patience", t.patience.patience, 1);
  at_least("--lr-min", t.patience.least, 0);
  at_least("--lr-lag", t.schedule_lag, 0);
}

void check_training(const TrainOptions& t) {
  at_least("--epochs", t.epochs, 1);
  at_least("--base-epochs", t.base_epochs, 0);
  at_least("--batch-size", t.batch_size, 1);
  share("--momentum", t.sgd.momentum, false);
  at_least("--weight-decay", t.sgd.weight_decay, 0);
  at_least("--clip-norm", t.clip, 0);
  at_least("--clip-value", t.clamp, 0);
  at_least("--warmup-epochs", t.warmup_epochs, 0);
  above("--warmup-factor", t.warmup_factor, 0);
  at_least("--later-divisor", t.later_divisor, 1);
  if (t.keep_momentum && t.sgd.momentum == 0) fail_usage("--keep-momentum keeps nothing at --momentum 0");
  share("--brightness", t.augmentation.brightness, true);
}

}  // namespace

void check_ranges(const ExperimentOptions& options) {
  check_method(options.method_options);
  const double replayed = options.slots.replay_share;
  if (!(replayed > 0 && replayed < 1)) fail_usage("--replay-share must lie in (0, 1), got {}", replayed);
  check_schedule(options.train);
  check_grid(options.grid);
  check_training(options.train);
  at_least("--memory-shared-by", options.memory.shared_by, 0);
  check_gas(options.gas);
  (void)side_meant_for(options.network.name);
}

}  // namespace mneme
