#pragma once
// Note [Learned exemplars]
// A method may learn the pixels of its exemplars: after a task they change so that a network trained on them becomes
// better. Liu et al., "Mnemonics Training", CVPR 2020: docs/methods/mnemonics.md#learned-exemplars. Let E be exemplars,
// D the images of the outer loss, and L the cross-entropy over all classes. With one training step on E,
//   Theta'(E) = Theta - a dL/dTheta (Theta; E),    E <- E - beta dM/dE,    M(E) = L(Theta'(E); D)
// For new exemplars, D are the images of their task. The old exemplars are split into halves, and each half is the D of
// the other. The derivative passes through a gradient. With v = dM/dTheta' it is a second derivative along one
// direction,
//   dM/dE = -a d/dE [v . dL/dTheta (Theta; E)],
// which central differences of two gradients give, so that no second-order differentiation is needed. Batch norm uses
// its running statistics. The weights of the step are those that the task trains.
//
// The released code takes no step: M is the cross-entropy of cos(f(x), m_c) over images x of the task and the memory,
// where m_c is the mean feature of the exemplars of class c, and only exemplars of new classes are learned. It uses
// momentum 0.9 and weight decay 5e-4, halves the learning rate after every epoch, and finally truncates the pixels to 8
// bits: docs/methods/mnemonics.md#released-code.

#include "data/batches/learned_images.h"
#include "incremental/method/method.h"
#include "incremental/method/stage.h"
#include "incremental/protocol/scenario.h"

namespace mneme {

/// The input of learn_exemplars().
struct ExemplarTraining {
  IncrementalNet& net;                    ///< the network after the task
  const TaskContext& task;                ///< the task just learned
  const TrainableParts& trainable_parts;  ///< what the task trains
  const Subset& new_images;               ///< the task's own images
  const Subset& exemplars;                ///< the whole memory including the task's classes, ranked within each class
  const TrainOptions& training;           ///< batch size and augmentation
  uint64_t seed = 0;                      ///< the run's seed
};

/// Learns the pixels of all exemplars in `lesson`, which `images` must hold. The network does not change.
void learn_exemplars(const ExemplarTraining& lesson, const ExemplarLearningOptions& options, LearnedImages& images);

/// Images with their labels, as network input.
struct LabelledBatch {
  Tensor images;  ///< (n, C, H, W)
  Tensor labels;  ///< i32 (n)
};

/// dM/dE for a training step of learning rate `step` on `exemplars` (E) with the outer loss on `judges` (D); the result
/// has the shape of the images of E. `block` holds the weights of `net` that the step moves; they are restored
/// afterwards.
Tensor gradient_through_step(IncrementalNet& net, ParameterBlock& block, const LabelledBatch& exemplars,
                             const LabelledBatch& judges, double step);

}  // namespace mneme
