#pragma once
// Options that several methods, or a method and a slot (slots.h), share, and their rows: Note [Method options].

#include "incremental/options/option.h"

namespace mneme {

/// What most methods with distillation have.
struct SharedOptions {
  std::optional<double> lambda;  ///< weight of what protects the old classes; each method has a default of its own
  double temperature = 2;        ///< T of the distillation
  double eps = 1e-5;             ///< smoothing of the student's probabilities in the distillation, as FACIL has it
  bool as_released = false;      ///< compute as the authors' released code does, where that departs from the paper
  bool fixed_lambda = false;     ///< lambda does not grow from task to task
};

/// Balanced softmax, with a fixed or a learned alpha: docs/methods/balanced-softmax.md#alpha.
struct BalancedSoftmaxOptions {
  double alpha = 1;       ///< weight of the old classes' counts
  double alpha_lr = 1;    ///< step size of a learned alpha
  int alpha_period = 10;  ///< steps from one meta-gradient of alpha to the next
};

/// NCA, PODNet's classification loss: docs/methods/podnet.md#nca.
struct NcaOptions {
  double delta = 0.6;  ///< margin of the scores before their scale
};

/// TPL, TPCIL's distillation: docs/methods/tpcil.md#loss.
struct TopologyOptions {
  int vertices = 64;  ///< exemplars whose similarities are compared in a step
};

/// How exemplars join the batches of new images: docs/methods/protocol.md#sampling.
struct ReplayOptions {
  int replay_batch = 32;      ///< exemplars beside the new images of every batch
  double replay_share = 0.2;  ///< exemplars of a batch, as a share of the batch
};

/// Exemplars that are set aside for a correction: docs/methods/bic.md#held-out-images.
struct ValidationExemplarOptions {
  double validation_exemplars = 0.1;  ///< share of the memory that only the correction sees
};

/// Class-balance finetuning: docs/methods/lucir.md#class-balance-finetuning.
struct BalancedFinetuningOptions {
  int balanced_epochs = 0;            ///< 0: none in lucir, 20 elsewhere
  std::optional<double> balanced_lr;  ///< learning rate, in place of the method's
};

namespace row {

inline constexpr Option lambda = option<&SharedOptions::lambda>(
    "--lambda", "Weight of what protects the old classes (default: the method's)", at_least(0));
inline constexpr Option temperature =
    option<&SharedOptions::temperature>("--temperature", "Temperature of the distillation", above(0));
inline constexpr Option eps =
    option<&SharedOptions::eps>("--eps", "Smoothing of the student's probabilities in the distillation", at_least(0));
inline constexpr Option as_released = option<&SharedOptions::as_released>(
    "--as-released", "Compute as the released code does where it departs from the paper");
inline constexpr Option fixed_lambda =
    option<&SharedOptions::fixed_lambda>("--fixed-lambda", "--lambda does not grow with the share of old classes");

inline constexpr Option alpha =
    option<&BalancedSoftmaxOptions::alpha>("--alpha", "Factor on the counts of old classes", above(0));
inline constexpr Option alpha_lr =
    option<&BalancedSoftmaxOptions::alpha_lr>("--alpha-lr", "Learning rate of that factor", at_least(0));
inline constexpr Option alpha_period = option<&BalancedSoftmaxOptions::alpha_period>(
    "--alpha-period", "Steps from one meta-gradient of that factor to the next", at_least(1));

inline constexpr Option delta =
    option<&NcaOptions::delta>("--delta", "Margin of the scores before their scale", at_least(0));
inline constexpr Option vertices =
    option<&TopologyOptions::vertices>("--vertices", "Exemplars that are compared in a step", at_least(3));
inline constexpr Option replay_batch = option<&ReplayOptions::replay_batch>(
    "--replay-batch", "Exemplars beside the --batch-size new images of every step", at_least(1));
inline constexpr Option replay_share = option<&ReplayOptions::replay_share>(
    "--replay-share", "Exemplars of every batch, as a share of the batch", inner_share());
inline constexpr Option validation_exemplars = option<&ValidationExemplarOptions::validation_exemplars>(
    "--validation-exemplars", "Share of the memory that only the correction sees", share_below_one());
inline constexpr Option balanced_epochs = option<&BalancedFinetuningOptions::balanced_epochs>(
    "--balanced-epochs", "Epochs of the class-balance finetuning (0: none in lucir, 20 elsewhere)", at_least(0));
inline constexpr Option balanced_lr = option<&BalancedFinetuningOptions::balanced_lr>(
    "--balanced-lr", "Learning rate of the class-balance finetuning (default: the method's)", above(0));

}  // namespace row
}  // namespace mneme
