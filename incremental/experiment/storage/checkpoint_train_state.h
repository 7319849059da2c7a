#pragma once
// The state of an unfinished training in a checkpoint.

#include "incremental/experiment/storage/checkpoint.h"
#include "incremental/training/trainer.h"

namespace mneme {

/// Adds the state: numbers as the value "train", and those of the schedule, the momentum, the best model, the network
/// at the stage's start and the chosen images that it has as tensors.
void save_train_state(Checkpoint& to, const TrainState& state);
/// Reads what save_train_state() saved. Throws Error or json::exception if parts are missing.
TrainState train_state_of(const Checkpoint& from);

}  // namespace mneme
