#pragma once
// What a method may look at once a task has been learned and its exemplars were chosen.

#include "data/batches/image_source.h"
#include "incremental/protocol/scenario.h"
#include "incremental/protocol/task.h"
#include "layers/incremental_net.h"

namespace mneme {

struct TaskEnd {
  IncrementalNet& net;
  const TaskContext& task;
  const ImageSource& images;
  const Subset& new_images;  ///< the task's own training images
  const Subset& trained_on;  ///< those and the exemplars that were there
  const Subset& exemplars;   ///< the memory as it is now, the task's classes included; empty without one
  const Augmentation& augmentation;
  int batch_size = 1;  ///< of training
  uint64_t seed = 0;
};

}  // namespace mneme
