#include "incremental/trainer.h"

#include <chrono>
#include <cmath>
#include <limits>

#include "engine/autograd.h"
#include "engine/ops.h"
#include "engine/suggest.h"
#include "incremental/losses/prediction.h"

namespace mneme {
namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
constexpr int evaluation_batch = 250;
constexpr const char *warm_up_stage = "warm-up", *train_stage = "train";

constexpr std::pair<const char*, ScheduleKind> schedule_names[] = {{"steps", ScheduleKind::steps},
                                                                   {"cosine", ScheduleKind::cosine},
                                                                   {"patience", ScheduleKind::patience},
                                                                   {"constant", ScheduleKind::constant}};

/// A batch: a part of a pool, in the order of `positions`.
Pool pick_batch(const Pool& pool, const std::vector<int>& positions, size_t begin, size_t end) {
  Pool out;
  for (size_t i = begin; i < end; ++i) {
    out.images.push_back(pool.images[static_cast<size_t>(positions[i])]);
    out.labels.push_back(pool.labels[static_cast<size_t>(positions[i])]);
  }
  return out;
}

/// How many images the logits get right among the classes of their own task.
int correct_in_own_task(const Tensor& logits, const std::vector<int>& labels, const TaskContext& task) {
  const std::vector<float> flat = logits.floats();
  int correct = 0;
  for (size_t n = 0; n < labels.size(); ++n) {
    int own = 0;
    while (task.offset(own + 1) <= labels[n]) ++own;
    const auto row = flat.begin() + static_cast<std::ptrdiff_t>(n) * logits.dim(1);
    correct += std::max_element(row + task.offset(own), row + task.offset(own + 1)) - row == labels[n];
  }
  return correct;
}

}  // namespace

ScheduleKind schedule_named(const std::string& name) { return choose_by_name("schedule", name, schedule_names); }
const char* name_of(ScheduleKind kind) { return name_among(schedule_names, kind); }

struct Trainer::Stage {
  std::string name;
  const TaskContext& task;
  const Recipe& recipe;
  const Pool& pool;
  const Pool& validation;
  IncrementalNet* old;
  ParameterBlock::Selected learns;
  SgdOptions sgd;
  int epochs;
  Mode mode;
  std::unique_ptr<Schedule> schedule;
  uint32_t first_counter = 0;  // of its draws, so that stages do not share any
  bool reported = true;

  uint32_t counter(const TrainState& state) const { return first_counter + static_cast<uint32_t>(state.epoch); }
};

void Learner::each_state(const std::string& at, const Visit& visit) {
  net.each_state(join(at, "net"), visit);
  recipe.each_state(join(at, "method"), visit);
}

Trainer::Trainer(IncrementalNet& net, Recipe& recipe, const TrainOptions& options, const DeviceImages& images,
                 uint64_t seed, Watcher watcher)
    : net_(net),
      recipe_(recipe),
      learner_(net, recipe),
      options_(options),
      images_(images),
      shuffle_key_(random_key(seed, Stream::shuffle)),
      augment_key_(random_key(seed, Stream::augment)),
      watcher_(std::move(watcher)) {}

bool Trainer::backbone_frozen(const TaskContext& task) const {
  return recipe_.freeze_backbone_after && task.task > *recipe_.freeze_backbone_after;
}

bool Trainer::learns(const std::string& name, const TaskContext& task) const {
  bool in_head = false, in_old_head = false;
  for (int t = 0; t <= task.task; ++t) {
    if (!name.starts_with(net_.classifier->prefix_of_task(t))) continue;
    in_head = true;
    in_old_head = t < task.task;
  }
  if (!in_head && backbone_frozen(task)) return false;
  const bool old_heads_rest = recipe_.trainable == Trainable::standard && !task.has_exemplars;
  return !(in_old_head && old_heads_rest);
}

Mode Trainer::mode_for(const TaskContext& task) const {
  return backbone_frozen(task) || (options_.fix_bn && task.task > 0) ? inference_mode : training_mode;
}

std::unique_ptr<Schedule> Trainer::make_schedule(int epochs) const {
  switch (options_.schedule) {
    case ScheduleKind::cosine: return cosine_schedule(options_.learning_rate, epochs);
    case ScheduleKind::constant: return multi_step_schedule(options_.learning_rate, {}, 1);
    case ScheduleKind::patience: {
      PatienceOptions patience = options_.patience;
      patience.rate = options_.learning_rate;
      return patience_schedule(patience);
    }
    case ScheduleKind::steps: break;
  }
  std::vector<int> milestones;
  for (double fraction : options_.milestones) milestones.push_back(static_cast<int>(std::lround(fraction * epochs)));
  return multi_step_schedule(options_.learning_rate, milestones, options_.step_factor);
}

Tensor Trainer::total_loss(const Recipe& recipe, const NetOutput& student, const Tensor& images, const Tensor& labels,
                           const TaskContext& task, IncrementalNet* old) {
  NetOutput teacher;
  const bool teach = old && recipe.needs_teacher();
  if (teach) {
    NoGrad numbers_only;
    teacher = old->forward(images, inference_mode);
  }
  return recipe.loss({student, teach ? &teacher : nullptr, labels, task});
}

/// Forward, loss and backward of one batch.
double Trainer::run_step(const Stage& stage, ParameterBlock& block, const Pool& batch, const BatchDraws& draws) {
  const Tensor images = images_.batch(batch.images, options_.augmentation, draws);
  const Tensor labels = Tensor::from(batch.labels, {static_cast<int64_t>(batch.size())}, images.device());
  block.clear_gradients();
  const NetOutput student = net_.forward(images, stage.mode);
  const Tensor loss = total_loss(stage.recipe, student, images, labels, stage.task, stage.old);
  backward(loss);
  return loss.item();
}

/// The steps of an epoch that are still to do. Returns the mean loss over all its images.
double Trainer::run_steps(const Stage& stage, ParameterBlock& block, Sgd& sgd, TrainState& state) {
  const uint32_t task = static_cast<uint32_t>(stage.task.task), counter = stage.counter(state);
  const std::vector<int> order = permutation(shuffle_key_, task, counter, static_cast<int>(stage.pool.size()));
  const size_t batch_size = static_cast<size_t>(options_.batch_size);
  const int steps = static_cast<int>((order.size() + batch_size - 1) / batch_size);
  while (state.step < steps) {
    const auto start = std::chrono::steady_clock::now();
    const size_t begin = static_cast<size_t>(state.step) * batch_size, end = std::min(order.size(), begin + batch_size);
    const double loss = run_step(stage, block, pick_batch(stage.pool, order, begin, end),
                                 {augment_key_, task, counter, static_cast<uint32_t>(begin)});
    MNEME_CHECK(
        std::isfinite(loss),
        "the loss became {} in task {}, {}epoch {}, step {}: lower --lr or set --clip (finished tasks are kept)", loss,
        task, stage.name == train_stage ? "" : stage.name + " ", state.epoch + 1, state.step + 1);
    sgd.step(state.rate, options_.clip > 0 ? clip_scale(block.gradient_norm(), options_.clip) : 1.0);
    ++state.step;
    state.loss_sum += loss * static_cast<double>(end - begin);
    state.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (watcher_.on_step && stage.reported)
      watcher_.on_step({stage.task.task, state.epoch + 1, state.step, steps, static_cast<int64_t>(end), loss});
    if (watcher_.on_state) watcher_.on_state(state);
  }
  return state.loss_sum / static_cast<double>(order.size());
}

/// The same criterion as in training, on the validation images; accuracy among the classes of each image's own task.
void Trainer::validate(const Stage& stage, EpochReport& report) {
  const Pool& validation = stage.validation;
  report.validation_loss = report.validation_accuracy = not_known;
  if (validation.size() == 0) return;
  NoGrad numbers_only;
  std::vector<int> in_order(validation.size());
  for (size_t i = 0; i < in_order.size(); ++i) in_order[i] = static_cast<int>(i);
  double loss_sum = 0;
  int correct = 0;
  for (size_t begin = 0; begin < validation.size(); begin += evaluation_batch) {
    const size_t end = std::min(validation.size(), begin + evaluation_batch);
    const Pool picked = pick_batch(validation, in_order, begin, end);
    const Tensor images = images_.batch(picked.images);
    const Tensor labels = Tensor::from(picked.labels, {static_cast<int64_t>(picked.labels.size())}, images.device());
    const NetOutput student = net_.forward(images, inference_mode);
    loss_sum += total_loss(stage.recipe, student, images, labels, stage.task, stage.old).item() *
                static_cast<double>(end - begin);
    correct += correct_in_own_task(student.scores.logits, picked.labels, stage.task);
  }
  report.validation_loss = loss_sum / static_cast<double>(validation.size());
  report.validation_accuracy = correct / static_cast<double>(validation.size());
}

void Trainer::run_epoch(const Stage& stage, ParameterBlock& block, Sgd& sgd, Schedule& schedule, TrainState& state) {
  EpochReport report{stage.task.task, state.epoch + 1, stage.epochs, stage.name};
  report.loss = run_steps(stage, block, sgd, state);
  report.learning_rate = state.rate;
  report.seconds = state.seconds;
  report.images = static_cast<int64_t>(stage.pool.size());
  validate(stage, report);
  const ScheduleStep next = schedule.after_epoch(state.epoch, report.validation_loss);
  if (next.improved) state.best.emplace(learner_);
  if (next.return_to_best) state.best->restore(learner_);
  state.rate = next.learning_rate;
  state.schedule = schedule.state();
  state.step = 0;
  state.loss_sum = state.seconds = 0;
  ++state.epoch;
  state.done = next.stop;
  if (watcher_.on_epoch && stage.reported) watcher_.on_epoch(report);
  if (watcher_.on_state) watcher_.on_state(state);
}

void Trainer::run_stage(const Stage& stage, TrainState from) {
  ParameterBlock block(net_, stage.learns);
  Sgd sgd(block, stage.sgd);
  TrainState state = std::move(from);
  if (state.stage == stage.name) {
    sgd.restore(state.velocity);
    stage.schedule->restore(state.schedule);
  } else {
    state = {};
    state.stage = stage.name;
    state.rate = stage.schedule->first_rate();
    state.schedule = stage.schedule->state();
    if (stage.schedule->keeps_best()) state.best.emplace(learner_);
  }
  state.velocity = sgd.velocity();
  while (!state.done && state.epoch < stage.epochs) run_epoch(stage, block, sgd, *stage.schedule, state);
  if (state.best) state.best->restore(learner_);
}

void Trainer::learn(const TaskContext& task, const Pool& pool, const Pool& validation, IncrementalNet* old,
                    TrainState from) {
  const Snapshot carried(recipe_);
  recipe_.begin_task(task);
  if (!from.stage.empty()) carried.restore(recipe_);
  const int epochs = task.task == 0 && options_.base_epochs > 0 ? options_.base_epochs : options_.epochs;
  std::unique_ptr<Schedule> schedule = make_schedule(epochs);
  MNEME_CHECK(!schedule->keeps_best() || validation.size() > 0,
              "the patience schedule needs validation images: give --validation more than 0, or another --schedule");
  if (from.stage != train_stage && task.task > 0 && options_.warmup_epochs > 0) warm_up(task, pool, from);
  const auto chosen = [&](const std::string& name) { return learns(name, task); };
  run_stage({train_stage, task, recipe_, pool, validation, old, chosen, options_.sgd, epochs, mode_for(task),
             std::move(schedule)},
            std::move(from));
}

/// The new head alone, plain SGD, cross-entropy inside the head, batch norm in inference mode (spec: distillation 3.4).
void Trainer::warm_up(const TaskContext& task, const Pool& pool, TrainState from) {
  Pool fresh;
  const Pool no_validation;
  for (size_t i = 0; i < pool.size(); ++i)
    if (pool.labels[i] >= task.old_classes()) fresh.append({{pool.images[i]}, {pool.labels[i]}});
  Recipe head_only;
  head_only.prediction = {{"cross-entropy", 1, current_cross_entropy()}};
  TaskContext alone = task;
  alone.has_exemplars = false;
  head_only.begin_task(alone);
  const std::string head = net_.classifier->prefix_of_task(task.task);
  const auto in_head = [&](const std::string& name) { return name.starts_with(head); };
  run_stage({warm_up_stage,
             alone,
             head_only,
             fresh,
             no_validation,
             nullptr,
             in_head,
             {},
             options_.warmup_epochs,
             inference_mode,
             multi_step_schedule(options_.learning_rate * options_.warmup_factor, {}, 1),
             1u << 20,
             false},
            std::move(from));
}

}  // namespace mneme
