#pragma once
// One pass over a task's images for the gradients of its parameters, image by image.

#include <functional>

#include "incremental/protocol/task_end.h"
#include "incremental/regularisers/importance.h"

namespace mneme {

/// What each batch's gradient is taken of: a scalar, the mean over the batch, of logits (B, classes) and labels i32
/// (B). `first` numbers the batch's first image in the pass.
using PassLoss = std::function<Tensor(const Tensor& logits, const Tensor& labels, int64_t first)>;
/// The gradient with respect to the backbone's parameters, flat, and over how many images it is a mean.
using PassVisit = std::function<void(const Tensor& gradient, int64_t images)>;

/// Walks through the task's own images (the first options.images of a random order) one at a time in inference mode; as
/// released: in whole batches, augmented, in training mode, so that batch norm's running statistics move on. Returns
/// the number of images seen.
int64_t each_gradient(const TaskEnd& end, const ImportanceOptions& options, const PassLoss& loss,
                      const PassVisit& visit);

/// The diagonal of the Fisher information of p(y | x) over all classes, as fisher_penalty() describes it.
Tensor fisher_information(const TaskEnd& end, const ImportanceOptions& options);

}  // namespace mneme
