#include "incremental/training/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "engine/autograd.h"
#include "engine/capture.h"
#include "engine/ops.h"
#include "incremental/losses/primitives.h"
#include "incremental/protocol/evaluate.h"
#include "incremental/training/meta_gradient.h"
#include "incremental/training/step_losses.h"

namespace mneme {
namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
constexpr uint32_t draws_of_imprint = 5u << 28;  // a value of the draws' epoch that no training epoch uses

/// The images of a batch: `positions` begin..end of a subset.
Subset pick_batch(const Subset& subset, const std::vector<int>& positions, size_t begin, size_t end) {
  Subset out;
  for (size_t i = begin; i < end; ++i) {
    out.images.push_back(subset.images[static_cast<size_t>(positions[i])]);
    out.labels.push_back(subset.labels[static_cast<size_t>(positions[i])]);
  }
  return out;
}

Subset new_images_of(const Subset& subset, const TaskContext& task) {
  return of_classes(subset, task.old_classes(), task.classes());
}

/// What a return to the best model restores: the network, and the state of the method that returns with it.
struct Returning : Module {
  Learner& learner;

  explicit Returning(Learner& l) : learner(l) {}
  void each_state(const std::string& at, const Visit& visit) override {
    learner.net.each_state(join(at, "net"), visit);
    learner.method.each_returning_state(join(at, "method"), visit);
  }
};

}  // namespace

struct Trainer::ActiveStage {
  const Stage& stage;
  TaskContext task;
  const ImageSource &images, &validation_images;
  IncrementalNet* teacher;
  Subset subset = {}, validation = {}, ahead = {};
  // Exemplars of the subset; empty unless a term asks for some in addition to every batch.
  std::vector<int> exemplars = {};
  std::unique_ptr<IncrementalNet> stage_start = {};

  const Objective& objective() const { return stage.objective; }
  /// Why the operations of the steps differ from step to step; empty if they do not.
  std::string steps_differ_by() const {
    for (const auto& [name, r] : objective().regularisers)
      if (std::string difference = r->steps_differ_by(); !difference.empty()) return difference;
    if (objective().meta_learned(task).term) return "some look ahead to learn a number of the loss";
    if (objective().exemplars_beside(task) > 0) return "other exemplars are shown beside every batch";
    return "";
  }
  /// The epoch counter of the random draws: each stage has its own range.
  uint32_t counter(const TrainState& state) const { return static_cast<uint32_t>((stage.number << 20) + state.epoch); }
};

struct Trainer::StepBatch {
  Tensor images, labels;
};

/// What the steps of a stage share. For a captured step (engine/capture.h) everything that differs from step to step is
/// here and is read and written in place.
struct Trainer::Steps {
  ParameterBlock block;
  Sgd sgd;
  GraphedStep graphed;
  StepLosses losses;
  Tensor rate, factor;  // the learning rate, and the factor of the gradients
  Tensor loss;          // including penalties

  Steps(IncrementalNet& net, const ActiveStage& active)
      : block(net, [&](const std::string& name) { return active.stage.trainable_parts(net.part_of(name)); }),
        sgd(block, active.stage.options.sgd),
        graphed(block.values().device(), active.steps_differ_by()),
        losses(block.values().options()),
        rate(Tensor::full({}, 0, block.values().options())),
        factor(Tensor::full({}, 1, block.values().options())),
        loss(Tensor::full({}, 0, block.values().options())) {}
};

namespace {

/// The outputs of all networks for one batch. Only the student's have gradients.
struct ForwardPass {
  NetOutput teacher, stage_start, student;

  ForwardPass(IncrementalNet& net, Mode mode, IncrementalNet* teacher_net, IncrementalNet* stage_start_net,
              const Tensor& images) {
    {
      NoGrad numbers_only;
      if (teacher_net) teacher = teacher_net->forward(images, inference_mode);
      if (stage_start_net) stage_start = stage_start_net->forward(images, inference_mode);
    }
    student = net.forward(images, mode);
  }

  BatchView view(const Tensor& labels, const TaskContext& task) const {
    const auto if_asked = [](const NetOutput& output) { return output.scores.logits ? &output : nullptr; };
    return {student, if_asked(teacher), labels, task, if_asked(stage_start)};
  }
};

}  // namespace

void Learner::each_state(const std::string& at, const Visit& visit) {
  net.each_state(join(at, "net"), visit);
  method.each_state(join(at, "method"), visit);
}

Trainer::Trainer(IncrementalNet& net, Method& method, const TrainOptions& options, const ImageSource& images,
                 uint64_t seed, TrainingCallbacks callbacks)
    : net_(net),
      method_(method),
      options_(options),
      images_(images),
      seed_(seed),
      shuffle_key_(random_key(seed, Stream::shuffle)),
      augment_key_(random_key(seed, Stream::augment)),
      callbacks_(std::move(callbacks)) {}

/// The held-out batch of the n-th meta-gradient of a stage: passes through the held-out images in random order.
Subset Trainer::held_out_batch(const ActiveStage& active, int64_t n) const {
  const auto all = static_cast<int64_t>(active.ahead.size());
  const int64_t size = std::min<int64_t>(all, method_.meta_gradient.batch_size), per_turn = (all + size - 1) / size;
  const std::vector<int> order =
      permutation(random_key(seed_, Stream::meta_gradient), static_cast<uint32_t>(active.task.task),
                  static_cast<uint32_t>(n / per_turn), static_cast<int>(all));
  const int64_t begin = n % per_turn * size;
  return pick_batch(active.ahead, order, static_cast<size_t>(begin), static_cast<size_t>(std::min(all, begin + size)));
}

/// Updates the learned parameter of the loss by its meta-gradient, every meta_gradient.period steps. `done` counts the
/// steps of the stage.
void Trainer::learn_by_meta_gradient(const ActiveStage& active, Steps& steps, const BatchView& view, double rate,
                                     int64_t done) {
  const Objective::MetaLearnedPart part = active.objective().meta_learned(active.task);
  const int period = method_.meta_gradient.period;
  if (!part.term || done % period != 0) return;
  const auto n = done / period;
  const uint32_t counter = uint32_t{1} << 31 | static_cast<uint32_t>(n);  // no epoch's draws use this range
  const auto add_mixed = [&] {
    const Tensor mixed = scale(part.term->mixed_derivative(view), part.factor);
    backward(view.student.scores.logits, mixed, {.keep_graph = true});
  };
  const auto add_gradient = [&] {
    backward(active.objective().loss(view), {}, {.keep_graph = true});
    for (const auto& [name, r] : active.objective().regularisers) r->add_gradient(steps.block);
  };
  const auto loss_after = [&] {
    const Subset batch = held_out_batch(active, n);
    const Tensor images = active.images.batch(batch.images, active.stage.options.augmentation,
                                              {augment_key_, static_cast<uint32_t>(active.task.task), counter, 0});
    const Mode mode{active.stage.batch_statistics, false};
    return cross_entropy(net_.forward(images, mode).scores.logits, labels_of(batch, images.device()));
  };
  part.term->learn(meta_gradient({steps.block, steps.sgd, rate, add_mixed, add_gradient, loss_after}));
}

BatchRequest Trainer::exemplars_beside(const ActiveStage& active, const BatchDraws& draws) const {
  const int wanted = active.objective().exemplars_beside(active.task);
  return draw_beside(active.exemplars, wanted, random_key(seed_, Stream::beside), draws);
}

/// The outputs of both networks for these exemplars; nothing if there are none.
std::optional<ExemplarView> Trainer::show(const ActiveStage& active, const BatchRequest& exemplars) {
  if (exemplars.images.empty()) return {};
  const ForwardPass forward(net_, inference_mode, active.teacher, nullptr, active.images.assemble(exemplars));
  return ExemplarView{forward.student, forward.teacher};
}

/// Runs one step: forward, loss, backward and update. `done` counts the steps of the stage before it.
void Trainer::run_step(const ActiveStage& active, Steps& steps, const TrainState& state, const Subset& picked,
                       const BatchDraws& draws, int64_t done) {
  // This comes before the batch changes the running statistics, so that both networks agree at a task's first step.
  const std::optional<ExemplarView> beside = show(active, exemplars_beside(active, draws));
  const Tensor images = active.images.batch(picked.images, active.stage.options.augmentation, draws);
  const GraphedStep::Inputs batch{images, labels_of(picked, images.device())};
  steps.graphed.run(batch, [&](std::span<const Tensor> shown) {
    issue_step(active, steps, state, {shown[0], shown[1]}, beside ? &*beside : nullptr, done);
  });
}

/// The operations of a step. Afterwards the block holds the gradients of the loss and the penalties.
void Trainer::issue_step(const ActiveStage& active, Steps& steps, const TrainState& state, const StepBatch& batch,
                         const ExemplarView* beside, int64_t done) {
  ParameterBlock& block = steps.block;
  block.clear_gradients();
  const ForwardPass forward(net_, active.stage.batch_statistics ? training_mode : inference_mode, active.teacher,
                            active.stage_start.get(), batch.images);
  BatchView view = forward.view(batch.labels, active.task);
  view.exemplars = beside;
  learn_by_meta_gradient(active, steps, view, state.rate, done);
  const Tensor loss = active.objective().loss(view);
  const bool plain = active.objective().is_cross_entropy(active.task);
  const auto watches_own = [&](Regulariser& r) { return r.watched() && !plain; };
  for (const auto& [name, r] : active.objective().regularisers) {
    if (!watches_own(*r)) continue;
    backward(r->watched()->loss(view), {}, {.keep_graph = true});
    r->see_gradient(block);
    block.clear_gradients();
  }
  backward(loss);
  Tensor whole = loss.detach();
  for (const auto& [name, r] : active.objective().regularisers)
    if (!watches_own(*r)) r->see_gradient(block);
  for (const auto& [name, r] : active.objective().regularisers) {
    if (const Tensor penalty = r->penalty(block)) whole = add(whole, penalty);
    r->add_gradient(block);
  }
  steps.loss.copy_from(whole);
  update(active, steps, state);
}

void Trainer::update(const ActiveStage& active, Steps& steps, const TrainState& state) {
  ParameterBlock& block = steps.block;
  if (active.stage.options.clamp > 0) block.clamp_gradients(active.stage.options.clamp);
  if (const double clip = active.stage.options.clip; clip > 0) clip_scale(block.gradient_squares(), clip, steps.factor);
  for (const auto& [name, r] : active.objective().regularisers)
    r->before_update(block, {active.task.task, state.epoch, state.step, seed_}, steps.factor);
  steps.sgd.step(steps.rate, steps.factor, steps.loss);
  for (const auto& [name, r] : active.objective().regularisers) r->after_update(block);
}

/// Prefetch hint: the batches left in this epoch.
void Trainer::announce(const ActiveStage& active, const EpochOrder& epoch, const TrainState& state) const {
  const std::vector<int>& order = epoch.positions;
  const auto batch_size = static_cast<size_t>(epoch.per_batch);
  std::vector<BatchRequest> batches;
  for (size_t begin = static_cast<size_t>(state.step) * batch_size; begin < order.size(); begin += batch_size) {
    const size_t end = std::min(order.size(), begin + batch_size);
    const BatchDraws draws = draws_of(active, state, begin);
    BatchRequest beside = exemplars_beside(active, draws);
    if (!beside.images.empty()) batches.push_back(std::move(beside));
    batches.push_back({pick_batch(active.subset, order, begin, end).images, active.stage.options.augmentation, draws});
  }
  active.images.prefetch(std::move(batches));
}

BatchDraws Trainer::draws_of(const ActiveStage& active, const TrainState& state, size_t first) const {
  return {augment_key_, static_cast<uint32_t>(active.task.task), active.counter(state), static_cast<uint32_t>(first)};
}

/// Adds the losses of the finished steps to the sum and reports them.
void Trainer::take_losses(const ActiveStage& active, Steps& steps, TrainState& state, int of_steps) {
  const std::vector<StepLosses::Known> known = steps.losses.fetch();
  for (const StepLosses::Known& step : known) {
    MNEME_CHECK(
        std::isfinite(step.loss),
        "the loss became {} in task {}, {}epoch {}, step {}: lower --lr or set --clip-norm (finished tasks are kept)",
        step.loss, active.task.task, active.stage.number == 0 ? "" : active.stage.name + " ", state.epoch + 1,
        step.step);
    state.loss_sum += step.loss * static_cast<double>(step.images);
  }
  if (!callbacks_.on_step || !active.stage.reported) return;
  for (const StepLosses::Known& step : known)
    callbacks_.on_step({active.task.task, state.epoch + 1, active.stage.options.epochs, step.step, of_steps,
                        step.images_done, step.loss, active.stage.name});
}

/// Runs the remaining steps of an epoch. Reports the mean loss over its images.
void Trainer::run_steps(const ActiveStage& active, Steps& steps, TrainState& state, EpochReport& report) {
  const EpochOrder epoch = epoch_order(active.stage.sampling, active.subset, active.task,
                                       active.stage.options.batch_size, shuffle_key_, active.counter(state));
  const std::vector<int>& order = epoch.positions;
  const auto batch_size = static_cast<size_t>(epoch.per_batch);
  const int all = static_cast<int>((order.size() + batch_size - 1) / batch_size);
  announce(active, epoch, state);
  while (state.step < all) {
    const auto start = std::chrono::steady_clock::now();
    const double waited = active.images.seconds_waited();
    const size_t begin = static_cast<size_t>(state.step) * batch_size, end = std::min(order.size(), begin + batch_size);
    run_step(active, steps, state, pick_batch(active.subset, order, begin, end), draws_of(active, state, begin),
             int64_t{state.epoch} * all + state.step);
    ++state.step;
    steps.losses.add({state.step, static_cast<int64_t>(end - begin), static_cast<int64_t>(end)}, steps.loss);
    const bool take = state.step == all || steps.losses.due();
    if (take) take_losses(active, steps, state, all);
    state.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    state.waited += active.images.seconds_waited() - waited;
    if (take && callbacks_.on_state) callbacks_.on_state(state);
  }
  report.images = static_cast<int64_t>(order.size());
  report.loss = state.loss_sum / static_cast<double>(order.size());
}

/// Computes the validation loss and accuracy in inference mode; the accuracy is among the classes of each image's own
/// task.
void Trainer::validate(const ActiveStage& active, const ParameterBlock& block, EpochReport& report) {
  const Subset& validation = active.validation;
  report.validation_loss = report.validation_accuracy = not_known;
  if (validation.size() == 0) return;
  NoGrad numbers_only;
  const bool has_labels = active.stage.images != StageImages::auxiliary;
  const std::vector<BatchRequest> batches = in_batches(validation.images, evaluation_batch_size);
  active.validation_images.prefetch(batches);
  double loss_sum = 0;
  int correct = 0;
  auto label = validation.labels.begin();
  for (const BatchRequest& batch : batches) {
    const auto count = static_cast<std::ptrdiff_t>(batch.images.size());
    const Subset picked{batch.images, {label, label + count}};
    const Tensor images = active.validation_images.assemble(batch), labels = labels_of(picked, images.device());
    const ForwardPass forward(net_, inference_mode, active.teacher, active.stage_start.get(), images);
    loss_sum +=
        active.objective().validation_loss(forward.view(labels, active.task)).item() * static_cast<double>(count);
    if (has_labels) correct += correct_in_own_task(forward.student.scores.logits, picked.labels, active.task);
    label += count;
  }
  report.validation_loss = loss_sum / static_cast<double>(validation.size()) + active.objective().penalties(block);
  if (has_labels) report.validation_accuracy = correct / static_cast<double>(validation.size());
}

void Trainer::run_epoch(const ActiveStage& active, Steps& steps, Schedule& schedule, TrainState& state) {
  Learner learner(net_, method_);
  Returning returning(learner);
  const int epochs = active.stage.options.epochs;
  EpochReport report{active.task.task, state.epoch + 1, epochs, active.stage.name};
  steps.rate.copy_from(Tensor::full({}, state.rate, steps.rate.options()));
  run_steps(active, steps, state, report);
  report.learning_rate = state.rate;
  report.seconds = state.seconds;
  report.waited = state.waited;
  report.graph_launches = steps.graphed.graph_launches();
  if (steps.graphed.wants_capture()) report.capture_obstacle = steps.graphed.capture_obstacle();
  if (const MetaLearnedTerm* term = active.objective().meta_learned(active.task).term) report.learned = term->number();
  validate(active, steps.block, report);
  const ScheduleStep next = schedule.after_epoch(state.epoch, report.validation_loss);
  if (next.improved) state.best.emplace(returning);
  if (next.return_to_best) state.best->restore(returning);
  state.rate = next.learning_rate;
  state.schedule = schedule.state();
  state.step = 0;
  state.loss_sum = state.seconds = state.waited = 0;
  state.done = ++state.epoch == epochs || next.stop;
  if (callbacks_.on_epoch && active.stage.reported) callbacks_.on_epoch(report);
  if (callbacks_.on_state) callbacks_.on_state(state);
}

/// Sets the images of the stage and the network at its start: chosen now, or restored from `state`.
void Trainer::prepare(ActiveStage& active, const TaskData& data, TrainState& state) {
  const bool goes_on = !state.stage.empty();
  if (active.objective().needs_stage_start()) {
    if (!goes_on) state.stage_start.emplace(net_);
    active.stage_start = net_.frozen_copy();
    state.stage_start->restore(*active.stage_start);
  }
  if (active.stage.starts_over && !goes_on) data.reinitialise(net_, active.stage);
  switch (active.stage.images) {
    case StageImages::task: active.subset = data.train; break;
    case StageImages::new_images: active.subset = new_images_of(data.train, active.task); break;
    case StageImages::held_out: active.subset = data.held_out; break;
    case StageImages::auxiliary: active.subset = data.auxiliary->train; break;
    case StageImages::balanced:
      if (!goes_on) state.chosen = data.balanced(active.stage);
      active.subset = state.chosen;
  }
  MNEME_CHECK(active.subset.size() > 0, "there are no images for the stage '{}' of task {}", active.stage.name,
              active.task.task);
  active.task = context_for(active.stage, active.task, active.subset);
  if (active.objective().exemplars_beside(active.task) > 0)
    active.exemplars = of_classes(active.subset, 0, active.task.old_classes()).images;
  if (active.objective().meta_learned(active.task).term) {
    active.ahead = data.held_out;
    MNEME_CHECK(active.ahead.size() > 0, "task {} has no held-out images to look ahead on", active.task.task);
  }
  if (active.stage.validates)
    active.validation = active.stage.images == StageImages::auxiliary ? data.auxiliary->validation : data.validation;
}

void Trainer::run_stage(ActiveStage& active, const TaskData& data, TrainState state) {
  const bool goes_on = !state.stage.empty();
  prepare(active, data, state);
  const Snapshot carried(method_);
  active.objective().begin_task(active.task);
  if (goes_on) carried.restore(method_);
  const std::unique_ptr<Schedule> schedule = make_schedule(active.stage.options);
  MNEME_CHECK(!schedule->keeps_best() || active.validation.size() > 0,
              "the patience schedule needs validation images: give --validation more than 0, or another --schedule");
  Steps steps(net_, active);
  for (const auto& [name, r] : active.objective().regularisers) r->begin_stage(active.task, steps.block);
  NamedMomentum* const momentum = active.stage.number == 0 && !active.stage.starts_over ? data.momentum : nullptr;
  Learner learner(net_, method_);
  Returning returning(learner);
  if (goes_on) {
    steps.sgd.restore(state.velocity);
    schedule->restore(state.schedule);
  } else {
    if (momentum) steps.sgd.take_over(*momentum);
    state.stage = active.stage.name;
    state.rate = schedule->first_rate();
    state.schedule = schedule->state();
    if (schedule->keeps_best()) state.best.emplace(returning);
    state.done = active.stage.options.epochs == 0;
  }
  state.velocity = steps.sgd.velocity();
  while (!state.done) run_epoch(active, steps, *schedule, state);
  if (state.best) state.best->restore(returning);
  if (momentum) *momentum = steps.sgd.momentum();
}

void Trainer::imprint(const TaskContext& task, const Subset& train) {
  const Subset new_images = new_images_of(train, task);
  std::vector<ClassFeatures> classes(static_cast<size_t>(task.new_classes()));
  const OutputVisitor add = [&](size_t i, const ImageOutput& output) {
    classes[static_cast<size_t>(new_images.labels[i] - task.old_classes())].emplace_back(output.features.begin(),
                                                                                         output.features.end());
  };
  InputTransform transform;
  if (method_.imprints_augmented)
    transform = {options_.augmentation, {augment_key_, static_cast<uint32_t>(task.task), draws_of_imprint, 0}};
  for_each_output(net_, images_, new_images.images, true, add, transform);
  net_.classifier->imprint(classes, random_key(seed_, Stream::clusters));
}

void Trainer::learn(const TaskContext& task, const TaskData& data, IncrementalNet* teacher, TrainState from) {
  const std::string going_on = from.stage;
  bool reached = going_on.empty();
  if (reached && method_.imprints && task.task > 0) imprint(task, data.train);
  for (const Stage& stage : stages_of(method_, options_, task)) {
    const bool here = stage.name == going_on;
    if (!reached && !here) continue;
    const bool other = stage.images == StageImages::auxiliary;
    ActiveStage active{stage, task, other ? *data.auxiliary->train_images : images_,
                       other ? *data.auxiliary->validation_images : images_,
                       stage.objective.needs_teacher() ? teacher : nullptr};
    run_stage(active, data, here ? std::move(from) : TrainState{});
    reached = true;
  }
  MNEME_CHECK(reached, "there is no stage '{}' to go on with", going_on);
}

}  // namespace mneme
