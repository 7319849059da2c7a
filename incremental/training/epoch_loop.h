#pragma once
// The epochs of one stage: the only epoch loop there is. An epoch runs its steps, then judges the network by the
// validation images.

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/capture.h"
#include "incremental/training/active_stage.h"
#include "incremental/training/step_losses.h"
#include "layers/block.h"
#include "optim/sgd.h"

namespace mneme {

/// Trains a stage that Trainer has prepared. For a captured step (engine/capture.h) everything that differs from step
/// to step is a member of this class and is read and written in place.
class EpochLoop {
 public:
  /// All arguments must outlive the loop.
  EpochLoop(IncrementalNet& net, Method& method, const ActiveStage& active, uint64_t seed,
            const TrainingCallbacks& callbacks);

  /// Runs the epoch `state.epoch` from the step `state.step` on, and moves `state` to the next epoch. Throws Error if
  /// the loss stops being finite.
  void run_epoch(Schedule& schedule, TrainState& state);

  /// The parameters that this stage trains.
  ParameterBlock& block() { return block_; }
  /// The optimiser of the parameters.
  Sgd& sgd() { return sgd_; }

 private:
  struct StepBatch {
    Tensor images, labels;
  };
  BatchDraws draws_of(const TrainState& state, size_t first) const;
  void announce(const EpochOrder& epoch, const TrainState& state) const;
  void run_steps(TrainState& state, EpochReport& report);
  void run_step(const TrainState& state, const Subset& picked, const BatchDraws& draws, int64_t done);
  void stop_at(const TrainState& state, int of_steps);
  bool next_step_may_be_slow() const;
  void issue_step(const TrainState& state, const StepBatch& batch, const ExemplarView* beside, int64_t done);
  void take_losses(TrainState& state, int of_steps);
  void learn_by_meta_gradient(const BatchView& view, double rate, int64_t done);
  Subset held_out_batch(int64_t n) const;
  BatchRequest exemplars_beside(const BatchDraws& draws) const;
  std::optional<ExemplarView> show(const BatchRequest& exemplars);
  Tensor number(int64_t place) const;
  void update(const TrainState& state);
  void report_numbers(EpochReport& report) const;
  void validate(EpochReport& report);

  IncrementalNet& net_;
  Method& method_;
  const ActiveStage& active_;
  uint64_t seed_;
  RandomKey shuffle_key_, augment_key_;
  const TrainingCallbacks& callbacks_;
  ParameterBlock block_;
  Sgd sgd_;
  GraphedStep graphed_;
  Tensor rate_, factor_;            // the learning rate, and the factor of the gradients
  std::vector<std::string> terms_;  // the names of the terms and penalties of the loss
  Tensor numbers_;  // of a step: the loss with penalties, the share of each term and penalty, the gradient's square
  Tensor loss_;     // the first of them
  StepLosses losses_;
  std::optional<double> last_step_;  // seconds that the last step took
};

}  // namespace mneme
