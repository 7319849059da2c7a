#pragma once
// A pass over the images of a task that computes the gradient of each image or batch.

#include <functional>

#include "incremental/protocol/task_end.h"
#include "incremental/regularisers/importance.h"

namespace mneme {

/// The loss to differentiate: a scalar, the mean over the batch, from logits (B, classes) and labels i32 (B). `first`
/// is the position of the batch's first image in the pass.
using PassLoss = std::function<Tensor(const Tensor& logits, const Tensor& labels, int64_t first)>;
/// Receives the gradient by the backbone's parameters, flat (n), which is a mean over `images` images.
using PassVisit = std::function<void(const Tensor& gradient, int64_t images)>;

/// Visits the task's own images one at a time in inference mode, options.images of them in random order (0: all). If
/// options.as_released, it visits complete batches with augmentation and in training mode, so that batch norm's running
/// statistics change. Returns the number of images visited.
int64_t each_gradient(const TaskEnd& end, const ImportanceOptions& options, const PassLoss& loss,
                      const PassVisit& visit);

/// The diagonal of the Fisher information of p(y | x) over all classes, flat (n); see fisher_penalty().
Tensor fisher_information(const TaskEnd& end, const ImportanceOptions& options);

}  // namespace mneme
