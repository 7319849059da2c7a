#include "incremental/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "engine/autograd.h"
#include "engine/capture.h"
#include "engine/converted_weights.h"
#include "engine/ops.h"
#include "incremental/evaluate.h"
#include "incremental/look_ahead.h"
#include "incremental/losses/primitives.h"
#include "incremental/step_losses.h"

namespace mneme {
namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
constexpr uint32_t draws_of_imprint = 5u << 28;  // the epoch by which they are counted, apart from all epochs' draws

/// A batch: a part of a pool, in the order of `positions`.
Pool pick_batch(const Pool& pool, const std::vector<int>& positions, size_t begin, size_t end) {
  Pool out;
  for (size_t i = begin; i < end; ++i) {
    out.images.push_back(pool.images[static_cast<size_t>(positions[i])]);
    out.labels.push_back(pool.labels[static_cast<size_t>(positions[i])]);
  }
  return out;
}

Pool fresh_images(const Pool& pool, const TaskContext& task) {
  return of_classes(pool, task.old_classes(), task.classes());
}

/// What returns to the best model: the network, and what of the method's goes with it.
struct Returning : Module {
  Learner& learner;

  explicit Returning(Learner& l) : learner(l) {}
  void each_state(const std::string& at, const Visit& visit) override {
    learner.net.each_state(join(at, "net"), visit);
    learner.recipe.each_returning_state(join(at, "method"), visit);
  }
};

}  // namespace

struct Trainer::Round {
  const Stage& stage;
  TaskContext task;
  const ImageSource &images, &validation_images;
  IncrementalNet* old;
  Pool pool = {}, validation = {}, ahead = {};
  std::vector<int> exemplars = {};  // of the pool; empty unless a term asks for some beside every batch
  std::unique_ptr<IncrementalNet> before = {};

  const Objective& objective() const { return stage.objective; }
  /// By what its steps differ beside the numbers they read; empty if by nothing.
  std::string steps_differ_by() const {
    for (const auto& [name, r] : objective().regularisers)
      if (std::string difference = r->steps_differ_by(); !difference.empty()) return difference;
    if (objective().look_ahead(task).term) return "some look ahead to learn a number of the loss";
    if (objective().exemplars_beside(task) > 0) return "other exemplars are shown beside every batch";
    return "";
  }
  /// Stages count their draws from places far apart.
  uint32_t counter(const TrainState& state) const { return static_cast<uint32_t>((stage.number << 20) + state.epoch); }
};

struct Trainer::StepBatch {
  Tensor images, labels;
};

/// What the steps of a round share, and read and write in place: of a captured step (engine/capture.h), everything that
/// differs from step to step is here.
struct Trainer::Steps {
  ParameterBlock block;
  Sgd sgd;
  RepeatedStep repeated;
  StepLosses losses;
  Tensor rate, factor;  // the learning rate, and what gradients are multiplied by
  Tensor loss;          // penalties included

  Steps(IncrementalNet& net, const Round& round)
      : block(net, [&](const std::string& name) { return round.stage.learns(net.part_of(name)); }),
        sgd(block, round.stage.options.sgd),
        repeated(block.values().device(), round.steps_differ_by()),
        losses(block.values().like()),
        rate(Tensor::full({}, 0, block.values().like())),
        factor(Tensor::full({}, 1, block.values().like())),
        loss(Tensor::full({}, 0, block.values().like())) {}
};

namespace {

/// All networks' answers to one batch. The student's is recorded; `trained` are its parameters, if there are many such
/// batches.
struct Asked {
  NetOutput teacher, before, student;

  Asked(IncrementalNet& net, Mode mode, IncrementalNet* old, IncrementalNet* earlier, const Tensor& images,
        std::span<const Tensor> trained = {}) {
    {
      NoGrad numbers_only;
      if (old) teacher = old->forward(images, inference_mode);
      if (earlier) before = earlier->forward(images, inference_mode);
    }
    const ConvertedWeights for_the_pass(trained);
    student = net.forward(images, mode);
  }

  BatchView view(const Tensor& labels, const TaskContext& task) const {
    const auto if_asked = [](const NetOutput& output) { return output.scores.logits ? &output : nullptr; };
    return {student, if_asked(teacher), labels, task, if_asked(before)};
  }
};

}  // namespace

void Learner::each_state(const std::string& at, const Visit& visit) {
  net.each_state(join(at, "net"), visit);
  recipe.each_state(join(at, "method"), visit);
}

Trainer::Trainer(IncrementalNet& net, Recipe& recipe, const TrainOptions& options, const ImageSource& images,
                 uint64_t seed, Watcher watcher)
    : net_(net),
      recipe_(recipe),
      options_(options),
      images_(images),
      seed_(seed),
      shuffle_key_(random_key(seed, Stream::shuffle)),
      augment_key_(random_key(seed, Stream::augment)),
      watcher_(std::move(watcher)) {}

/// Shuffled turns through the held-out images; which batch of them the n-th look-ahead of a stage sees.
Pool Trainer::held_out_batch(const Round& round, int64_t n) const {
  const auto all = static_cast<int64_t>(round.ahead.size());
  const int64_t size = std::min<int64_t>(all, recipe_.look_ahead.batch_size), per_turn = (all + size - 1) / size;
  const std::vector<int> order =
      permutation(random_key(seed_, Stream::look_ahead), static_cast<uint32_t>(round.task.task),
                  static_cast<uint32_t>(n / per_turn), static_cast<int>(all));
  const int64_t begin = n % per_turn * size;
  return pick_batch(round.ahead, order, static_cast<size_t>(begin), static_cast<size_t>(std::min(all, begin + size)));
}

/// Learns the number of the loss that is learned so, every so many steps; `done` counts the stage's steps.
void Trainer::learn_ahead(const Round& round, Steps& steps, const BatchView& view, double rate, int64_t done) {
  const Objective::LookAheadPart part = round.objective().look_ahead(round.task);
  const int period = recipe_.look_ahead.period;
  if (!part.term || done % period != 0) return;
  const auto n = done / period;
  const uint32_t counter = uint32_t{1} << 31 | static_cast<uint32_t>(n);  // apart from all epochs' draws
  const auto add_mixed = [&] {
    const Tensor mixed = scale(part.term->mixed_derivative(view), part.factor);
    backward(view.student.scores.logits, mixed, {.keep_graph = true});
  };
  const auto add_gradient = [&] {
    backward(round.objective().loss(view), {}, {.keep_graph = true});
    for (const auto& [name, r] : round.objective().regularisers) r->add_gradient(steps.block);
  };
  const auto loss_after = [&] {
    const Pool batch = held_out_batch(round, n);
    const Tensor images = round.images.batch(batch.images, round.stage.options.augmentation,
                                             {augment_key_, static_cast<uint32_t>(round.task.task), counter, 0});
    const Mode mode{round.stage.batch_statistics, false};
    return cross_entropy(net_.forward(images, mode).scores.logits, labels_of(batch, images.device()));
  };
  part.term->learn(look_ahead({steps.block, steps.sgd, rate, add_mixed, add_gradient, loss_after}));
}

BatchRequest Trainer::exemplars_beside(const Round& round, const BatchDraws& draws) const {
  const int wanted = round.objective().exemplars_beside(round.task);
  return draw_beside(round.exemplars, wanted, random_key(seed_, Stream::beside), draws);
}

/// What both models answer to such exemplars now; nothing where there are none.
std::optional<ExemplarView> Trainer::show(const Round& round, const BatchRequest& exemplars) {
  if (exemplars.images.empty()) return {};
  const Asked asked(net_, inference_mode, round.old, nullptr, round.images.assemble(exemplars));
  return ExemplarView{asked.student, asked.teacher};
}

/// One batch: forward, loss, backward and update. `done` counts the stage's steps before it.
void Trainer::run_step(const Round& round, Steps& steps, const TrainState& state, const Pool& picked,
                       const BatchDraws& draws, int64_t done) {
  // Before the batch moves the running statistics, so that at a task's first step both models agree.
  const std::optional<ExemplarView> beside = show(round, exemplars_beside(round, draws));
  const Tensor images = round.images.batch(picked.images, round.stage.options.augmentation, draws);
  const RepeatedStep::Inputs batch{images, labels_of(picked, images.device())};
  steps.repeated.run(batch, [&](std::span<const Tensor> shown) {
    issue_step(round, steps, state, {shown[0], shown[1]}, beside ? &*beside : nullptr, done);
  });
}

/// The step's work. The block's gradients are then those of loss and penalties.
void Trainer::issue_step(const Round& round, Steps& steps, const TrainState& state, const StepBatch& batch,
                         const ExemplarView* beside, int64_t done) {
  ParameterBlock& block = steps.block;
  block.clear_gradients();
  const Asked asked(net_, round.stage.batch_statistics ? training_mode : inference_mode, round.old, round.before.get(),
                    batch.images, block.parameters());
  BatchView view = asked.view(batch.labels, round.task);
  view.exemplars = beside;
  learn_ahead(round, steps, view, state.rate, done);
  const Tensor loss = round.objective().loss(view);
  const bool plain = round.objective().is_cross_entropy(round.task);
  const auto watches_own = [&](Regulariser& r) { return r.watched() && !plain; };
  for (const auto& [name, r] : round.objective().regularisers) {
    if (!watches_own(*r)) continue;
    backward(r->watched()->loss(view), {}, {.keep_graph = true});
    r->see_gradient(block);
    block.clear_gradients();
  }
  backward(loss);
  Tensor whole = loss.detach();
  for (const auto& [name, r] : round.objective().regularisers)
    if (!watches_own(*r)) r->see_gradient(block);
  for (const auto& [name, r] : round.objective().regularisers) {
    if (const Tensor penalty = r->penalty(block)) whole = add(whole, penalty);
    r->add_gradient(block);
  }
  steps.loss.copy_from(whole);
  update(round, steps, state);
}

void Trainer::update(const Round& round, Steps& steps, const TrainState& state) {
  ParameterBlock& block = steps.block;
  if (round.stage.options.clamp > 0) block.clamp_gradients(round.stage.options.clamp);
  if (const double clip = round.stage.options.clip; clip > 0) clip_scale(block.gradient_squares(), clip, steps.factor);
  for (const auto& [name, r] : round.objective().regularisers)
    r->before_update(block, {round.task.task, state.epoch, state.step, seed_}, steps.factor);
  steps.sgd.step(steps.rate, steps.factor, steps.loss);
  for (const auto& [name, r] : round.objective().regularisers) r->after_update(block);
}

/// Tells where images come from which of them the rest of an epoch shows.
void Trainer::announce(const Round& round, const EpochOrder& epoch, const TrainState& state) const {
  const std::vector<int>& order = epoch.positions;
  const auto batch_size = static_cast<size_t>(epoch.per_batch);
  std::vector<BatchRequest> batches;
  for (size_t begin = static_cast<size_t>(state.step) * batch_size; begin < order.size(); begin += batch_size) {
    const size_t end = std::min(order.size(), begin + batch_size);
    const BatchDraws draws = draws_of(round, state, begin);
    BatchRequest beside = exemplars_beside(round, draws);
    if (!beside.images.empty()) batches.push_back(std::move(beside));
    batches.push_back({pick_batch(round.pool, order, begin, end).images, round.stage.options.augmentation, draws});
  }
  round.images.expect(std::move(batches));
}

BatchDraws Trainer::draws_of(const Round& round, const TrainState& state, size_t first) const {
  return {augment_key_, static_cast<uint32_t>(round.task.task), round.counter(state), static_cast<uint32_t>(first)};
}

/// Adds up the losses of the steps before `state.step` that are not added yet, and reports them.
void Trainer::take_losses(const Round& round, Steps& steps, TrainState& state, int of_steps) {
  const std::vector<StepLosses::Known> known = steps.losses.fetch();
  for (const StepLosses::Known& step : known) {
    MNEME_CHECK(
        std::isfinite(step.loss),
        "the loss became {} in task {}, {}epoch {}, step {}: lower --lr or set --clip (finished tasks are kept)",
        step.loss, round.task.task, round.stage.number == 0 ? "" : round.stage.name + " ", state.epoch + 1, step.step);
    state.loss_sum += step.loss * static_cast<double>(step.images);
  }
  if (!watcher_.on_step || !round.stage.reported) return;
  for (const StepLosses::Known& step : known)
    watcher_.on_step({round.task.task, state.epoch + 1, round.stage.options.epochs, step.step, of_steps,
                      step.images_done, step.loss, round.stage.name});
}

/// The steps of an epoch that are still to do. Reports the mean loss over all the images it shows.
void Trainer::run_steps(const Round& round, Steps& steps, TrainState& state, EpochReport& report) {
  const EpochOrder epoch = epoch_order(round.stage.sampling, round.pool, round.task, round.stage.options.batch_size,
                                       shuffle_key_, round.counter(state));
  const std::vector<int>& order = epoch.positions;
  const auto batch_size = static_cast<size_t>(epoch.per_batch);
  const int all = static_cast<int>((order.size() + batch_size - 1) / batch_size);
  announce(round, epoch, state);
  while (state.step < all) {
    const auto start = std::chrono::steady_clock::now();
    const double waited = round.images.seconds_waited();
    const size_t begin = static_cast<size_t>(state.step) * batch_size, end = std::min(order.size(), begin + batch_size);
    run_step(round, steps, state, pick_batch(round.pool, order, begin, end), draws_of(round, state, begin),
             int64_t{state.epoch} * all + state.step);
    ++state.step;
    steps.losses.add({state.step, static_cast<int64_t>(end - begin), static_cast<int64_t>(end)}, steps.loss);
    const bool take = state.step == all || steps.losses.due();
    if (take) take_losses(round, steps, state, all);
    state.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    state.waited += round.images.seconds_waited() - waited;
    if (take && watcher_.on_state) watcher_.on_state(state);
  }
  report.images = static_cast<int64_t>(order.size());
  report.loss = state.loss_sum / static_cast<double>(order.size());
}

/// The stage's criterion, in inference mode; accuracy among the classes of each image's own task.
void Trainer::validate(const Round& round, const ParameterBlock& block, EpochReport& report) {
  const Pool& validation = round.validation;
  report.validation_loss = report.validation_accuracy = not_known;
  if (validation.size() == 0) return;
  NoGrad numbers_only;
  const bool has_labels = round.stage.images != StageImages::auxiliary;
  const std::vector<BatchRequest> batches = in_batches(validation.images, answered_at_a_time);
  round.validation_images.expect(batches);
  double loss_sum = 0;
  int correct = 0;
  auto label = validation.labels.begin();
  for (const BatchRequest& batch : batches) {
    const auto count = static_cast<std::ptrdiff_t>(batch.images.size());
    const Pool picked{batch.images, {label, label + count}};
    const Tensor images = round.validation_images.assemble(batch), labels = labels_of(picked, images.device());
    const Asked asked(net_, inference_mode, round.old, round.before.get(), images);
    loss_sum += round.objective().validation_loss(asked.view(labels, round.task)).item() * static_cast<double>(count);
    if (has_labels) correct += correct_in_own_task(asked.student.scores.logits, picked.labels, round.task);
    label += count;
  }
  report.validation_loss = loss_sum / static_cast<double>(validation.size()) + round.objective().penalties(block);
  if (has_labels) report.validation_accuracy = correct / static_cast<double>(validation.size());
}

void Trainer::run_epoch(const Round& round, Steps& steps, Schedule& schedule, TrainState& state) {
  Learner learner(net_, recipe_);
  Returning returning(learner);
  const int epochs = round.stage.options.epochs;
  EpochReport report{round.task.task, state.epoch + 1, epochs, round.stage.name};
  steps.rate.copy_from(Tensor::full({}, state.rate, steps.rate.like()));
  run_steps(round, steps, state, report);
  report.learning_rate = state.rate;
  report.seconds = state.seconds;
  report.waited = state.waited;
  report.replayed = steps.repeated.replays();
  if (steps.repeated.asked_for()) report.not_replayed = steps.repeated.obstacle();
  if (const LookAheadTerm* term = round.objective().look_ahead(round.task).term) report.learned = term->number();
  validate(round, steps.block, report);
  const ScheduleStep next = schedule.after_epoch(state.epoch, report.validation_loss);
  if (next.improved) state.best.emplace(returning);
  if (next.return_to_best) state.best->restore(returning);
  state.rate = next.learning_rate;
  state.schedule = schedule.state();
  state.step = 0;
  state.loss_sum = state.seconds = state.waited = 0;
  state.done = ++state.epoch == epochs || next.stop;
  if (watcher_.on_epoch && round.stage.reported) watcher_.on_epoch(report);
  if (watcher_.on_state) watcher_.on_state(state);
}

/// The stage's images, and the network as it was, chosen and kept now or as `state` remembers them.
void Trainer::prepare(Round& round, const TaskOffer& offered, TrainState& state) {
  const bool goes_on = !state.stage.empty();
  if (round.objective().needs_before()) {
    if (!goes_on) state.before.emplace(net_);
    round.before = net_.frozen_copy();
    state.before->restore(*round.before);
  }
  if (round.stage.starts_over && !goes_on) offered.draw_anew(net_, round.stage);
  switch (round.stage.images) {
    case StageImages::task: round.pool = offered.train; break;
    case StageImages::fresh: round.pool = fresh_images(offered.train, round.task); break;
    case StageImages::held_out: round.pool = offered.held_out; break;
    case StageImages::auxiliary: round.pool = offered.auxiliary->train; break;
    case StageImages::balanced:
      if (!goes_on) state.chosen = offered.balanced(round.stage);
      round.pool = state.chosen;
  }
  MNEME_CHECK(round.pool.size() > 0, "there are no images for the stage '{}' of task {}", round.stage.name,
              round.task.task);
  round.task = context_for(round.stage, round.task, round.pool);
  if (round.objective().exemplars_beside(round.task) > 0)
    round.exemplars = of_classes(round.pool, 0, round.task.old_classes()).images;
  if (round.objective().look_ahead(round.task).term) {
    round.ahead = offered.held_out;
    MNEME_CHECK(round.ahead.size() > 0, "task {} has no held-out images to look ahead on", round.task.task);
  }
  if (round.stage.validates)
    round.validation =
        round.stage.images == StageImages::auxiliary ? offered.auxiliary->validation : offered.validation;
}

void Trainer::run_stage(Round& round, const TaskOffer& offered, TrainState state) {
  const bool goes_on = !state.stage.empty();
  prepare(round, offered, state);
  const Snapshot carried(recipe_);
  round.objective().begin_task(round.task);
  if (goes_on) carried.restore(recipe_);
  const std::unique_ptr<Schedule> schedule = make_schedule(round.stage.options);
  MNEME_CHECK(!schedule->keeps_best() || round.validation.size() > 0,
              "the patience schedule needs validation images: give --validation more than 0, or another --schedule");
  Steps steps(net_, round);
  for (const auto& [name, r] : round.objective().regularisers) r->begin_stage(round.task, steps.block);
  NamedMomentum* const momentum = round.stage.number == 0 && !round.stage.starts_over ? offered.momentum : nullptr;
  Learner learner(net_, recipe_);
  Returning returning(learner);
  if (goes_on) {
    steps.sgd.restore(state.velocity);
    schedule->restore(state.schedule);
  } else {
    if (momentum) steps.sgd.take_over(*momentum);
    state.stage = round.stage.name;
    state.rate = schedule->first_rate();
    state.schedule = schedule->state();
    if (schedule->keeps_best()) state.best.emplace(returning);
    state.done = round.stage.options.epochs == 0;
  }
  state.velocity = steps.sgd.velocity();
  while (!state.done) run_epoch(round, steps, *schedule, state);
  if (state.best) state.best->restore(returning);
  if (momentum) *momentum = steps.sgd.momentum();
}

void Trainer::imprint(const TaskContext& task, const Pool& train) {
  const Pool fresh = fresh_images(train, task);
  std::vector<ClassFeatures> classes(static_cast<size_t>(task.new_classes()));
  const AnswerVisit add = [&](size_t i, const Answer& answer) {
    classes[static_cast<size_t>(fresh.labels[i] - task.old_classes())].emplace_back(answer.features.begin(),
                                                                                    answer.features.end());
  };
  Showing showing;
  if (recipe_.imprints_augmented)
    showing = {options_.augmentation, {augment_key_, static_cast<uint32_t>(task.task), draws_of_imprint, 0}};
  each_answer(net_, images_, fresh.images, true, add, showing);
  net_.classifier->imprint(classes, random_key(seed_, Stream::clusters));
}

void Trainer::learn(const TaskContext& task, const TaskOffer& offered, IncrementalNet* old, TrainState from) {
  const std::string going_on = from.stage;
  bool reached = going_on.empty();
  if (reached && recipe_.imprints && task.task > 0) imprint(task, offered.train);
  for (const Stage& stage : stages_of(recipe_, options_, task)) {
    const bool here = stage.name == going_on;
    if (!reached && !here) continue;
    const bool other = stage.images == StageImages::auxiliary;
    Round round{stage, task, other ? *offered.auxiliary->train_images : images_,
                other ? *offered.auxiliary->validation_images : images_,
                stage.objective.needs_teacher() ? old : nullptr};
    run_stage(round, offered, here ? std::move(from) : TrainState{});
    reached = true;
  }
  MNEME_CHECK(reached, "there is no stage '{}' to go on with", going_on);
}

}  // namespace mneme
