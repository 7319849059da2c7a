#pragma once
// The state of an unfinished training in a checkpoint.

#include "incremental/experiment/storage/checkpoint.h"
#include "incremental/training/trainer.h"

namespace mneme {

void save_train_state(Checkpoint& to, const TrainState& state);
/// What save_train_state() saved. Throws Error or json::exception if parts are missing.
TrainState train_state_of(const Checkpoint& from);

}  // namespace mneme
