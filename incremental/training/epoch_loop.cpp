#include "incremental/training/epoch_loop.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "engine/autograd.h"
#include "engine/base/stop.h"
#include "engine/ops.h"
#include "engine/ops/converted_weights.h"
#include "incremental/losses/primitives.h"
#include "incremental/protocol/evaluate.h"
#include "incremental/training/meta_gradient.h"

namespace mneme {
namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
constexpr double slow_step = 0.25;  // seconds; a request to stop is answered within two

/// The images of a batch: `positions` begin..end of a subset.
Subset pick_batch(const Subset& subset, const std::vector<int>& positions, size_t begin, size_t end) {
  Subset out;
  for (size_t i = begin; i < end; ++i) {
    out.images.push_back(subset.images[static_cast<size_t>(positions[i])]);
    out.labels.push_back(subset.labels[static_cast<size_t>(positions[i])]);
  }
  return out;
}

/// The outputs of all networks for one batch. Only the student's have gradients. `trained` are the parameters whose
/// conversion for the convolutions pays off, which is so in training steps; elsewhere none.
struct ForwardPass {
  NetOutput teacher, stage_start, student;

  ForwardPass(IncrementalNet& net, Mode mode, IncrementalNet* teacher_net, IncrementalNet* stage_start_net,
              const Tensor& images, std::span<const Tensor> trained = {}) {
    {
      NoGrad numbers_only;
      if (teacher_net) teacher = teacher_net->forward(images, inference_mode);
      if (stage_start_net) stage_start = stage_start_net->forward(images, inference_mode);
    }
    const ConvertedWeights for_the_student(trained);
    student = net.forward(images, mode);
  }

  BatchView view(const Tensor& labels, const TaskContext& task) const {
    const auto if_asked = [](const NetOutput& output) { return output.scores.logits ? &output : nullptr; };
    return {student, if_asked(teacher), labels, task, if_asked(stage_start)};
  }
};

/// A copy of everything that a step changes, taken before the step.
class StepUndo {
 public:
  StepUndo(Learner& learner, const Tensor& velocity)
      : learner_(learner),
        before_(learner),
        velocity_(velocity),
        velocity_before_(velocity ? velocity.clone() : Tensor()) {}
  void undo() {
    before_.restore(learner_);
    if (velocity_) velocity_.copy_from(velocity_before_);
  }

 private:
  Learner& learner_;
  Snapshot before_;
  Tensor velocity_, velocity_before_;
};

/// The names of the active terms, then those of the regularisers, which may add penalties.
std::vector<std::string> names_of_terms(const ActiveStage& active) {
  std::vector<std::string> names = active.objective().active_terms(active.task);
  for (const NamedRegulariser& r : active.objective().regularisers) names.push_back(r.name);
  return names;
}

}  // namespace

EpochLoop::EpochLoop(IncrementalNet& net, Method& method, const ActiveStage& active, uint64_t seed,
                     const TrainingCallbacks& callbacks)
    : net_(net),
      method_(method),
      active_(active),
      seed_(seed),
      shuffle_key_(random_key(seed, Stream::shuffle)),
      augment_key_(random_key(seed, Stream::augment)),
      callbacks_(callbacks),
      block_(net, [&](const std::string& name) { return active.stage.trainable_parts(net.part_of(name)); }),
      sgd_(block_, active.stage.options.sgd),
      graphed_(block_.values().device(), active.steps_differ_by()),
      rate_(Tensor::full({}, 0, block_.values().options())),
      factor_(Tensor::full({}, 1, block_.values().options())),
      terms_(names_of_terms(active)),
      numbers_(Tensor::zeros({std::ssize(terms_) + 2}, block_.values().options())),
      loss_(number(0)),
      losses_(block_.values().options(), numbers_.size()) {}

/// A view of one of the step's numbers, a scalar.
Tensor EpochLoop::number(int64_t place) const { return Tensor::view(numbers_, place, Shape()); }

/// The held-out batch of the n-th meta-gradient of a stage: passes through the held-out images in random order.
Subset EpochLoop::held_out_batch(int64_t n) const {
  const auto all = static_cast<int64_t>(active_.ahead.size());
  const int64_t size = std::min<int64_t>(all, method_.meta_gradient.batch_size), per_turn = (all + size - 1) / size;
  const std::vector<int> order =
      permutation(random_key(seed_, Stream::meta_gradient), static_cast<uint32_t>(active_.task.task),
                  static_cast<uint32_t>(n / per_turn), static_cast<int>(all));
  const int64_t begin = n % per_turn * size;
  return pick_batch(active_.ahead, order, static_cast<size_t>(begin), static_cast<size_t>(std::min(all, begin + size)));
}

/// Updates the learned parameter of the loss by its meta-gradient, every meta_gradient.period steps. `done` counts the
/// steps of the stage.
void EpochLoop::learn_by_meta_gradient(const BatchView& view, double rate, int64_t done) {
  const Objective::MetaLearnedPart part = active_.objective().meta_learned(active_.task);
  const int period = method_.meta_gradient.period;
  if (!part.term || done % period != 0) return;
  const auto n = done / period;
  const uint32_t counter = uint32_t{1} << 31 | static_cast<uint32_t>(n);  // no epoch's draws use this range
  const auto add_mixed = [&] {
    const Tensor mixed = scale(part.term->mixed_derivative(view), part.factor);
    backward(view.student.scores.logits, mixed, {.keep_graph = true});
  };
  const auto add_gradient = [&] {
    backward(active_.objective().loss(view), {}, {.keep_graph = true});
    for (const auto& [name, r] : active_.objective().regularisers) r->add_gradient(block_);
  };
  const auto loss_after = [&] {
    const Subset batch = held_out_batch(n);
    const Tensor images = active_.images.batch(batch.images, active_.stage.options.augmentation,
                                               {augment_key_, static_cast<uint32_t>(active_.task.task), counter, 0});
    const Mode mode{active_.stage.batch_statistics, false};
    return cross_entropy(net_.forward(images, mode).scores.logits, labels_of(batch, images.device()));
  };
  part.term->learn(meta_gradient({block_, sgd_, rate, add_mixed, add_gradient, loss_after}));
}

BatchRequest EpochLoop::exemplars_beside(const BatchDraws& draws) const {
  const int wanted = active_.objective().exemplars_beside(active_.task);
  return draw_beside(active_.exemplars, wanted, random_key(seed_, Stream::beside), draws);
}

/// The outputs of both networks for these exemplars; nothing if there are none.
std::optional<ExemplarView> EpochLoop::show(const BatchRequest& exemplars) {
  if (exemplars.images.empty()) return {};
  const ForwardPass forward(net_, inference_mode, active_.teacher, nullptr, active_.images.assemble(exemplars));
  return ExemplarView{forward.student, forward.teacher};
}

/// The first step of a stage may be slow, too.
bool EpochLoop::next_step_may_be_slow() const { return last_step_.value_or(slow_step) >= slow_step; }

/// Runs one step: forward, loss, backward and update. `done` counts the steps of the stage before it. Throws StopAsked
/// only if nothing has changed: before the step changes anything, or, in a slow step, after undoing what it changed.
void EpochLoop::run_step(const TrainState& state, const Subset& picked, const BatchDraws& draws, int64_t done) {
  std::optional<Stoppable> stoppable(std::in_place);
  // The teacher runs before the batch changes the running statistics, so that both networks agree at the first step of
  // a task.
  const std::optional<ExemplarView> beside = show(exemplars_beside(draws));
  const Tensor images = active_.images.batch(picked.images, active_.stage.options.augmentation, draws);
  const GraphedStep::Inputs batch{images, labels_of(picked, images.device())};
  Learner learner(net_, method_);
  std::optional<StepUndo> undo;
  if (next_step_may_be_slow())
    undo.emplace(learner, sgd_.velocity());
  else
    stoppable.reset();
  try {
    graphed_.run(batch, [&](std::span<const Tensor> shown) {
      issue_step(state, {shown[0], shown[1]}, beside ? &*beside : nullptr, done);
    });
  } catch (const StopAsked&) {
    stoppable.reset();
    if (undo) undo->undo();
    throw;
  }
}

/// Reports where the training stands, for a checkpoint, and gives up. `of_steps` are the steps of the epoch.
void EpochLoop::stop_at(const TrainState& state, int of_steps) {
  TrainState here = state;
  take_losses(here, of_steps);
  if (callbacks_.on_state) callbacks_.on_state(here);
  throw StopAsked();
}

/// The operations of a step. Afterwards the block holds the gradients of the loss and the penalties.
void EpochLoop::issue_step(const TrainState& state, const StepBatch& batch, const ExemplarView* beside, int64_t done) {
  block_.clear_gradients();
  const ForwardPass forward(net_, active_.stage.batch_statistics ? training_mode : inference_mode, active_.teacher,
                            active_.stage_start.get(), batch.images, block_.parameters());
  BatchView view = forward.view(batch.labels, active_.task);
  view.exemplars = beside;
  learn_by_meta_gradient(view, state.rate, done);
  int64_t place = 1;
  const Tensor loss = active_.objective().loss(view, [&](const Tensor& share) { number(place++).copy_from(share); });
  const bool plain = active_.objective().is_cross_entropy(active_.task);
  const auto watches_own = [&](Regulariser& r) { return r.watched() && !plain; };
  for (const auto& [name, r] : active_.objective().regularisers) {
    if (!watches_own(*r)) continue;
    backward(r->watched()->loss(view), {}, {.keep_graph = true});
    r->see_gradient(block_);
    block_.clear_gradients();
  }
  backward(loss);
  Tensor whole = loss.detach();
  for (const auto& [name, r] : active_.objective().regularisers)
    if (!watches_own(*r)) r->see_gradient(block_);
  for (const auto& [name, r] : active_.objective().regularisers) {
    if (const Tensor penalty = r->penalty(block_)) {
      whole = add(whole, penalty);
      number(place).copy_from(penalty);
    }
    ++place;
    r->add_gradient(block_);
  }
  loss_.copy_from(whole);
  update(state);
}

void EpochLoop::update(const TrainState& state) {
  if (active_.stage.options.clip_value > 0) block_.clamp_gradients(active_.stage.options.clip_value);
  Tensor squares = number(numbers_.size() - 1);
  squares.copy_from(block_.gradient_squares());
  if (const double clip = active_.stage.options.clip_norm; clip > 0) clip_scale(squares, clip, factor_);
  for (const auto& [name, r] : active_.objective().regularisers)
    r->before_update(block_, {active_.task.task, state.epoch, state.step, seed_}, factor_);
  sgd_.step(rate_, factor_, loss_);
  for (const auto& [name, r] : active_.objective().regularisers) r->after_update(block_);
}

/// Prefetch hint: the batches left in this epoch.
void EpochLoop::announce(const EpochOrder& epoch, const TrainState& state) const {
  const std::vector<int>& order = epoch.positions;
  const auto batch_size = static_cast<size_t>(epoch.per_batch);
  std::vector<BatchRequest> batches;
  for (size_t begin = static_cast<size_t>(state.step) * batch_size; begin < order.size(); begin += batch_size) {
    const size_t end = std::min(order.size(), begin + batch_size);
    const BatchDraws draws = draws_of(state, begin);
    BatchRequest beside = exemplars_beside(draws);
    if (!beside.images.empty()) batches.push_back(std::move(beside));
    batches.push_back(
        {pick_batch(active_.subset, order, begin, end).images, active_.stage.options.augmentation, draws});
  }
  active_.images.prefetch(std::move(batches));
}

BatchDraws EpochLoop::draws_of(const TrainState& state, size_t first) const {
  return {augment_key_, static_cast<uint32_t>(active_.task.task), active_.counter(state), static_cast<uint32_t>(first)};
}

/// Adds the losses of the finished steps to the sum and reports them.
void EpochLoop::take_losses(TrainState& state, int of_steps) {
  const std::vector<StepLosses::Known> known = losses_.fetch();
  for (const StepLosses::Known& step : known) {
    MNEME_CHECK(
        std::isfinite(step.loss()),
        "the loss became {} in task {}, {}epoch {}, step {}: lower --lr or set --clip-norm (finished tasks are kept)",
        step.loss(), active_.task.task + 1, active_.stage.number == 0 ? "" : active_.stage.name + " ", state.epoch + 1,
        step.step);
    const auto images = static_cast<double>(step.images);
    state.loss_sum += step.loss() * images;
    state.term_sums.resize(terms_.size());
    for (size_t i = 0; i < terms_.size(); ++i) state.term_sums[i] += step.numbers[i + 1] * images;
    state.norm_sum += std::sqrt(step.numbers.back());
  }
  if (!callbacks_.on_step || !active_.stage.reported) return;
  for (const StepLosses::Known& step : known)
    callbacks_.on_step({active_.task.task, state.epoch + 1, active_.stage.options.epochs, step.step, of_steps,
                        step.images_done, step.loss(), active_.stage.name});
}

/// Runs the remaining steps of an epoch. Reports the mean loss over its images.
void EpochLoop::run_steps(TrainState& state, EpochReport& report) {
  const EpochOrder epoch = epoch_order(active_.stage.sampling, active_.subset, active_.task,
                                       active_.stage.options.batch_size, shuffle_key_, active_.counter(state));
  const std::vector<int>& order = epoch.positions;
  const auto batch_size = static_cast<size_t>(epoch.per_batch);
  const int all = static_cast<int>((order.size() + batch_size - 1) / batch_size);
  announce(epoch, state);
  while (state.step < all) {
    const auto start = std::chrono::steady_clock::now();
    const double waited = active_.images.seconds_waited();
    const size_t begin = static_cast<size_t>(state.step) * batch_size, end = std::min(order.size(), begin + batch_size);
    try {
      run_step(state, pick_batch(active_.subset, order, begin, end), draws_of(state, begin),
               int64_t{state.epoch} * all + state.step);
    } catch (const StopAsked&) {
      stop_at(state, all);
    }
    ++state.step;
    losses_.add({state.step, static_cast<int64_t>(end - begin), static_cast<int64_t>(end)}, numbers_);
    const bool take = state.step == all || losses_.due();
    if (take) take_losses(state, all);
    last_step_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    state.seconds += *last_step_;
    state.waited += active_.images.seconds_waited() - waited;
    if (take && callbacks_.on_state) callbacks_.on_state(state);
  }
  report.images = static_cast<int64_t>(order.size());
  report.loss = state.loss_sum / static_cast<double>(order.size());
  for (size_t i = 0; i < terms_.size(); ++i)
    report.terms.emplace_back(terms_[i], state.term_sums.at(i) / static_cast<double>(order.size()));
  report.gradient_norm = state.norm_sum / all;
}

/// Adds the method's own numbers: those of the loss, and the scalars that the classifier learns in this stage.
void EpochLoop::report_numbers(EpochReport& report) const {
  report.numbers = active_.objective().numbers(active_.task);
  net_.classifier->each_state("", [&](const std::string& name, Tensor& tensor, StateKind kind) {
    const Part part = net_.classifier->part_of(name);
    if (kind != StateKind::parameter || tensor.size() != 1 || !active_.stage.trainable_parts(part)) return;
    const size_t dot = name.rfind('.');
    report.numbers.emplace_back(dot == std::string::npos ? name : "correction " + name.substr(dot + 1), tensor.item());
  });
}

/// Computes the validation loss and accuracy in inference mode; the accuracy is among the classes of each image's own
/// task.
void EpochLoop::validate(EpochReport& report) {
  const Subset& validation = active_.validation;
  report.validation_loss = report.validation_accuracy = not_known;
  if (validation.size() == 0) return;
  NoGrad numbers_only;
  const bool has_labels = active_.stage.images != StageImages::auxiliary;
  const int batch_size =
      active_.objective().validates_in_training_batches ? active_.stage.options.batch_size : evaluation_batch_size;
  const std::vector<BatchRequest> batches = in_batches(validation.images, batch_size);
  active_.validation_images.prefetch(batches);
  double loss_sum = 0;
  int correct = 0;
  auto label = validation.labels.begin();
  for (const BatchRequest& batch : batches) {
    stop_if_asked();
    const auto count = static_cast<std::ptrdiff_t>(batch.images.size());
    const Subset picked{batch.images, {label, label + count}};
    const Tensor images = active_.validation_images.assemble(batch), labels = labels_of(picked, images.device());
    const ForwardPass forward(net_, inference_mode, active_.teacher, active_.stage_start.get(), images);
    loss_sum +=
        active_.objective().validation_loss(forward.view(labels, active_.task)).item() * static_cast<double>(count);
    if (has_labels) correct += correct_in_own_task(forward.student.scores.logits, picked.labels, active_.task);
    label += count;
  }
  report.validation_loss = loss_sum / static_cast<double>(validation.size()) + active_.objective().penalties(block_);
  if (has_labels) report.validation_accuracy = correct / static_cast<double>(validation.size());
}

void EpochLoop::run_epoch(Schedule& schedule, TrainState& state) {
  Learner learner(net_, method_);
  Returning returning(learner);
  const int epochs = active_.stage.options.epochs;
  EpochReport report{active_.task.task, state.epoch + 1, epochs, active_.stage.name};
  rate_.copy_from(Tensor::full({}, state.rate, rate_.options()));
  run_steps(state, report);
  report.learning_rate = state.rate;
  report.seconds = state.seconds;
  report.waited = state.waited;
  report.graph_launches = graphed_.graph_launches();
  if (graphed_.wants_capture()) report.capture_obstacle = graphed_.capture_obstacle();
  report_numbers(report);
  try {
    const Stoppable stoppable;
    validate(report);
  } catch (const StopAsked&) {  // the epoch's steps are done; only its validation is repeated
    stop_at(state, state.step);
  }
  const ScheduleStep next = schedule.after_epoch(state.epoch, report.validation_loss);
  if (next.improved) state.best.emplace(returning);
  if (next.return_to_best) state.best->restore(returning);
  state.rate = next.learning_rate;
  state.schedule = schedule.state();
  state.step = 0;
  state.loss_sum = state.norm_sum = state.seconds = state.waited = 0;
  state.term_sums.clear();
  state.done = ++state.epoch == epochs || next.stop;
  if (callbacks_.on_epoch && active_.stage.reported) callbacks_.on_epoch(report);
  if (callbacks_.on_state) callbacks_.on_state(state);
}

}  // namespace mneme
