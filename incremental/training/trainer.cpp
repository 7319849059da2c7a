#include "incremental/training/trainer.h"

#include "engine/base/stop.h"
#include "incremental/protocol/evaluate.h"
#include "incremental/training/active_stage.h"
#include "incremental/training/epoch_loop.h"

namespace mneme {
namespace {

constexpr uint32_t draws_of_imprint = 5u << 28;  // a value of the draws' epoch that no training epoch uses

Subset new_images_of(const Subset& subset, const TaskContext& task) {
  return of_classes(subset, task.old_classes(), task.classes());
}

}  // namespace

void Learner::each_state(const std::string& at, const Visit& visit) {
  net.each_state(join(at, "net"), visit);
  method.each_state(join(at, "method"), visit);
}

Trainer::Trainer(IncrementalNet& net, Method& method, const TrainOptions& options, const ImageSource& images,
                 uint64_t seed, TrainingCallbacks callbacks)
    : net_(net), method_(method), options_(options), images_(images), seed_(seed), callbacks_(std::move(callbacks)) {}

/// Sets the images of the stage and the network at its start: chosen now, or restored from `state`.
void Trainer::prepare(ActiveStage& active, const TaskData& data, TrainState& state) {
  const Stoppable stoppable;  // a run that is stopped here repeats the choice
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
              active.task.task + 1);
  active.task = context_for(active.stage, active.task, active.subset);
  if (active.objective().exemplars_beside(active.task) > 0)
    active.exemplars = of_classes(active.subset, 0, active.task.old_classes()).images;
  if (active.objective().meta_learned(active.task).term) {
    active.ahead = data.held_out;
    MNEME_CHECK(active.ahead.size() > 0, "task {} has no held-out images for the meta-gradient", active.task.task + 1);
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
  EpochLoop loop(net_, method_, active, seed_, callbacks_);
  for (const auto& [name, r] : active.objective().regularisers) r->begin_stage(active.task, loop.block());
  NamedMomentum* const momentum = active.stage.number == 0 && !active.stage.starts_over ? data.momentum : nullptr;
  Learner learner(net_, method_);
  Returning returning(learner);
  if (goes_on) {
    loop.sgd().restore(state.velocity);
    schedule->restore(state.schedule);
  } else {
    if (momentum) loop.sgd().take_over(*momentum);
    state.stage = active.stage.name;
    state.rate = schedule->first_rate();
    state.schedule = schedule->state();
    if (schedule->keeps_best()) state.best.emplace(returning);
    state.done = active.stage.options.epochs == 0;
  }
  state.velocity = loop.sgd().velocity();
  while (!state.done) loop.run_epoch(*schedule, state);
  if (state.best) state.best->restore(returning);
  if (momentum) *momentum = loop.sgd().momentum();
}

void Trainer::imprint(const TaskContext& task, const Subset& train) {
  const Stoppable stoppable;  // a run that is stopped here resumes before the task and prepares it again
  const Subset new_images = new_images_of(train, task);
  std::vector<ClassFeatures> classes(static_cast<size_t>(task.new_classes()));
  const OutputVisitor add = [&](size_t i, const ImageOutput& output) {
    classes[static_cast<size_t>(new_images.labels[i] - task.old_classes())].emplace_back(output.features.begin(),
                                                                                         output.features.end());
  };
  InputTransform transform;
  if (method_.imprints_augmented)
    transform = {options_.augmentation,
                 {random_key(seed_, Stream::augment), static_cast<uint32_t>(task.task), draws_of_imprint, 0}};
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
