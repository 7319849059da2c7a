#pragma once
// What the parts of a method may use when a task has been learned and its exemplars have been chosen.

#include "data/batches/image_source.h"
#include "incremental/protocol/scenario.h"
#include "incremental/protocol/task.h"
#include "layers/incremental_net.h"

namespace mneme {

/// The argument of MethodPart::end_task().
struct TaskEnd {
  IncrementalNet& net;        ///< the network after the task
  const TaskContext& task;    ///< the task just learned
  const ImageSource& images;  ///< the source of all training images
  const Subset& new_images;   ///< the task's own training images
  const Subset& trained_on;   ///< those and the exemplars of earlier tasks
  const Subset& exemplars;    ///< the memory after the task, its own classes included; empty if there is no memory
  const Augmentation& augmentation;  ///< the augmentation used in training
  int batch_size = 1;                ///< batch size used in training
  uint64_t seed = 0;                 ///< the run's seed
};

}  // namespace mneme
