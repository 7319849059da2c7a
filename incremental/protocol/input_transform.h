#pragma once
// How rules let a network see the images they gather statistics of.

#include "incremental/protocol/evaluate.h"
#include "incremental/protocol/task_end.h"

namespace mneme {

/// As they are, or as the task's training showed them, by draws of their own.
inline InputTransform transform_of(const TaskEnd& end, bool augmented) {
  constexpr uint32_t draws_of_statistics = 3u << 29;  // the epoch by which they are counted
  if (!augmented) return {};
  return {end.augmentation,
          {random_key(end.seed, Stream::augment), static_cast<uint32_t>(end.task.task), draws_of_statistics, 0}};
}

}  // namespace mneme
