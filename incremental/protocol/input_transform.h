#pragma once
// The input transform of prediction rules that gather statistics over training images.

#include "incremental/protocol/evaluate.h"
#include "incremental/protocol/task_end.h"

namespace mneme {

/// No transform if `augmented` is false; otherwise the augmentation of the task's training with random draws of its
/// own.
inline InputTransform transform_of(const TaskEnd& end, bool augmented) {
  constexpr uint32_t draws_of_statistics = 3u << 29;  ///< a value of the draws' epoch that no training epoch uses
  if (!augmented) return {};
  return {end.augmentation,
          {random_key(end.seed, Stream::augment), static_cast<uint32_t>(end.task.task), draws_of_statistics, 0}};
}

}  // namespace mneme
