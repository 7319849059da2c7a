#pragma once
// A stage while it is being trained (Note [Stages] in incremental/method/stage.h). The trainer prepares it, and the
// epoch loop runs it.

#include <memory>
#include <string>
#include <vector>

#include "incremental/training/trainer.h"

namespace mneme {

/// A stage with everything that training it needs.
struct ActiveStage {
  const Stage& stage;         ///< the stage as the method describes it
  TaskContext task;           ///< what is known about the task, as context_for() gives it for this stage
  const ImageSource &images,  ///< source of `subset`
      &validation_images;     ///< source of `validation`
  IncrementalNet* teacher;    ///< the network after the previous task; null if no term needs it
  Subset subset = {},         ///< the images that the stage trains on
      validation = {},        ///< the images that judge each epoch; empty if the stage does not validate
      ahead = {};             ///< held-out images of the meta-gradient; empty if no term learns by it
  /// The exemplars of the subset, as indices into `images`. Empty unless a term asks for some in addition to every
  /// batch.
  std::vector<int> exemplars = {};
  std::unique_ptr<IncrementalNet> stage_start = {};  ///< the network at the stage's start; null if no term needs it

  /// The loss that the stage minimises.
  const Objective& objective() const { return stage.objective; }
  /// Why the operations of the steps differ from step to step; empty if they do not.
  std::string steps_differ_by() const {
    for (const auto& [name, r] : objective().regularisers)
      if (std::string difference = r->steps_differ_by(); !difference.empty()) return difference;
    if (objective().meta_learned(task).term) return "some compute a meta-gradient to learn a number of the loss";
    if (objective().exemplars_beside(task) > 0) return "other exemplars are shown beside every batch";
    return "";
  }
  /// The epoch counter of the random draws: each stage has its own range.
  uint32_t counter(const TrainState& state) const { return static_cast<uint32_t>((stage.number << 20) + state.epoch); }
};

/// The state that is restored by a return to the best model: the network, and a part of the method's state.
struct Returning : Module {
  Learner& learner;  ///< refers to the network and to the method

  /// Refers to `l`, which must outlive this object.
  explicit Returning(Learner& l) : learner(l) {}
  void each_state(const std::string& at, const Visit& visit) override {
    learner.net.each_state(join(at, "net"), visit);
    learner.method.each_returning_state(join(at, "method"), visit);
  }
};

}  // namespace mneme
