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

constexpr std::pair<const char*, ScheduleKind> schedule_names[] = {{"steps", ScheduleKind::steps},
                                                                   {"cosine", ScheduleKind::cosine},
                                                                   {"patience", ScheduleKind::patience},
                                                                   {"constant", ScheduleKind::constant}};

/// A batch of a pool, in the order of `positions`.
struct Picked {
  std::vector<int> images, labels;
};

Picked pick_batch(const Pool& pool, const std::vector<int>& positions, size_t begin, size_t end) {
  Picked out;
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

struct Trainer::Epoch {
  const TaskContext& task;
  const Pool& pool;
  IncrementalNet* old;
  ParameterBlock& block;
  Sgd& sgd;
  double learning_rate;
  int number;  // of the epoch, from 0
  Mode mode;
  const Recipe& recipe;
  bool warming_up = false;

  /// Of its draws: warm-up epochs draw from counters of their own, above all others.
  uint32_t counter() const { return static_cast<uint32_t>(number + (warming_up ? 1 << 20 : 0)); }
};

Trainer::Trainer(IncrementalNet& net, const Recipe& recipe, const TrainOptions& options, const DeviceImages& images,
                 uint64_t seed, Watcher watcher)
    : net_(net),
      recipe_(recipe),
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

double Trainer::run_epoch(Epoch& e) {
  const uint32_t task = static_cast<uint32_t>(e.task.task);
  const std::vector<int> order = permutation(shuffle_key_, task, e.counter(), static_cast<int>(e.pool.size()));
  const size_t batch_size = static_cast<size_t>(options_.batch_size);
  const int steps = static_cast<int>((order.size() + batch_size - 1) / batch_size);
  double loss_sum = 0;
  for (int step = 0; step < steps; ++step) {
    const size_t begin = static_cast<size_t>(step) * batch_size, end = std::min(order.size(), begin + batch_size);
    const Picked picked = pick_batch(e.pool, order, begin, end);
    const BatchDraws draws{augment_key_, task, e.counter(), static_cast<uint32_t>(begin)};
    const Tensor images = images_.batch(picked.images, options_.augmentation, draws);
    const Tensor labels = Tensor::from(picked.labels, {static_cast<int64_t>(picked.labels.size())}, images.device());
    e.block.clear_gradients();
    const Tensor loss = total_loss(e.recipe, net_.forward(images, e.mode), images, labels, e.task, e.old);
    const double value = loss.item();
    MNEME_CHECK(
        std::isfinite(value),
        "the loss became {} in task {}, {}epoch {}, step {}: lower --lr or set --clip (finished tasks are kept)", value,
        e.task.task, e.warming_up ? "warm-up " : "", e.number + 1, step + 1);
    backward(loss);
    e.sgd.step(e.learning_rate, options_.clip > 0 ? clip_scale(e.block.gradient_norm(), options_.clip) : 1.0);
    loss_sum += value * static_cast<double>(end - begin);
    if (watcher_.on_step && !e.warming_up)
      watcher_.on_step({e.task.task, e.number + 1, step + 1, steps, static_cast<int64_t>(end), value});
  }
  return loss_sum / static_cast<double>(order.size());
}

/// The same criterion as in training, on the validation images; accuracy among the classes of each image's own task.
void Trainer::validate(const TaskContext& task, const Pool& validation, IncrementalNet* old, EpochReport& report) {
  report.validation_loss = report.validation_accuracy = not_known;
  if (validation.size() == 0) return;
  NoGrad numbers_only;
  std::vector<int> in_order(validation.size());
  for (size_t i = 0; i < in_order.size(); ++i) in_order[i] = static_cast<int>(i);
  double loss_sum = 0;
  int correct = 0;
  for (size_t begin = 0; begin < validation.size(); begin += evaluation_batch) {
    const size_t end = std::min(validation.size(), begin + evaluation_batch);
    const Picked picked = pick_batch(validation, in_order, begin, end);
    const Tensor images = images_.batch(picked.images);
    const Tensor labels = Tensor::from(picked.labels, {static_cast<int64_t>(picked.labels.size())}, images.device());
    const NetOutput student = net_.forward(images, inference_mode);
    loss_sum += total_loss(recipe_, student, images, labels, task, old).item() * static_cast<double>(end - begin);
    correct += correct_in_own_task(student.scores.logits, picked.labels, task);
  }
  report.validation_loss = loss_sum / static_cast<double>(validation.size());
  report.validation_accuracy = correct / static_cast<double>(validation.size());
}

void Trainer::learn(const TaskContext& task, const Pool& pool, const Pool& validation, IncrementalNet* old) {
  recipe_.begin_task(task);
  const int epochs = task.task == 0 && options_.base_epochs > 0 ? options_.base_epochs : options_.epochs;
  const std::unique_ptr<Schedule> schedule = make_schedule(epochs);
  MNEME_CHECK(!schedule->keeps_best() || validation.size() > 0,
              "the patience schedule needs validation images: give --validation more than 0, or another --schedule");
  if (task.task > 0 && options_.warmup_epochs > 0) warm_up(task, pool);

  ParameterBlock block(net_, [&](const std::string& name) { return learns(name, task); });
  Sgd sgd(block, options_.sgd);
  std::unique_ptr<Snapshot> best;
  if (schedule->keeps_best()) best = std::make_unique<Snapshot>(net_);
  double rate = schedule->first_rate();
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const auto start = std::chrono::steady_clock::now();
    Epoch pass{task, pool, old, block, sgd, rate, epoch, mode_for(task), recipe_};
    EpochReport report{task.task, epoch + 1, epochs};
    report.loss = run_epoch(pass);
    report.learning_rate = rate;
    report.images_per_second = static_cast<double>(pool.size()) /
                               std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    validate(task, validation, old, report);
    const ScheduleStep next = schedule->after_epoch(epoch, report.validation_loss);
    if (next.improved) best = std::make_unique<Snapshot>(net_);
    if (next.return_to_best) best->restore(net_);
    if (watcher_.on_epoch) watcher_.on_epoch(report);
    if (next.stop) break;
    rate = next.learning_rate;
  }
  if (best) best->restore(net_);
}

/// The new head alone, plain SGD, cross-entropy inside the head, batch norm in inference mode (spec: distillation 3.4).
void Trainer::warm_up(const TaskContext& task, const Pool& pool) {
  Pool fresh;
  for (size_t i = 0; i < pool.size(); ++i)
    if (pool.labels[i] >= task.old_classes()) fresh.append({{pool.images[i]}, {pool.labels[i]}});
  Recipe head_only;
  head_only.prediction = {{"cross-entropy", 1, current_cross_entropy()}};
  TaskContext alone = task;
  alone.has_exemplars = false;
  head_only.begin_task(alone);
  const std::string head = net_.classifier->prefix_of_task(task.task);
  ParameterBlock block(net_, [&](const std::string& name) { return name.starts_with(head); });
  Sgd sgd(block, {});
  const double rate = options_.learning_rate * options_.warmup_factor;
  for (int epoch = 0; epoch < options_.warmup_epochs; ++epoch) {
    Epoch pass{alone, fresh, nullptr, block, sgd, rate, epoch, inference_mode, head_only, true};
    run_epoch(pass);
  }
}

}  // namespace mneme
