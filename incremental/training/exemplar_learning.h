#pragma once
// Note [Learned exemplars]
// A method may take exemplars for parameters: after a task their pixels change so that a network does better for having
// seen them. Liu et al., "Mnemonics Training", CVPR 2020: docs/methods/mnemonics.md#learned-exemplars. With E some
// exemplars, D the images that judge them, L cross-entropy over all classes and one step of training on E ahead,
//   Theta'(E) = Theta - a dL/dTheta (Theta; E),    E <- E - beta dM/dE,    M(E) = L(Theta'(E); D)
// new exemplars are judged by their task's images; of the old ones each half is judged by the other. The derivative
// goes through a gradient: with v = dM/dTheta' it is a second derivative along one direction,
//   dM/dE = -a d/dE [v . dL/dTheta (Theta; E)],
// which two more gradients give, by central differences: no second-order differentiation. Batch norm goes by its
// running statistics, and the weights that move are those that learn in the task.
//
// The released code takes no step ahead: M is the cross-entropy of cos(f(x), m_c) over images x of the task and the
// memory, m_c being the mean feature of class c's exemplars, of which those of new classes are learned. It has momentum
// 0.9, decay 5e-4 and half the rate after every epoch, and ends by truncating pixels to 8 bits.

#include "data/batches/learned_images.h"
#include "incremental/method/method.h"
#include "incremental/method/stage.h"
#include "incremental/protocol/scenario.h"

namespace mneme {

/// What a task leaves behind for its exemplars.
struct ExemplarTraining {
  IncrementalNet& net;
  const TaskContext& task;
  const TrainableParts& trainable_parts;
  const Subset& new_images;  ///< the task's own images
  const Subset& exemplars;   ///< the whole memory, the task's classes included, ranked inside a class
  const TrainOptions& training;
  uint64_t seed = 0;
};

/// Changes the pixels of exemplars, all of which `images` keeps. The network stays as it is.
void learn_exemplars(const ExemplarTraining& lesson, const ExemplarLearningOptions& options, LearnedImages& images);

/// Images with their labels, as networks are given them.
struct LabelledBatch {
  Tensor images;  // (n, C, H, W)
  Tensor labels;  // i32 (n)
};

/// dM/dE for a step of size `step` on `exemplars` (E), judged by `judges` (D); shape of E. The weights that move are
/// the block's, of `net`; they are afterwards what they were.
Tensor gradient_through_step(IncrementalNet& net, ParameterBlock& block, const LabelledBatch& exemplars,
                             const LabelledBatch& judges, double step);

}  // namespace mneme
