#pragma once
// Options that several methods, or a method and a slot (slots.h), share, and their rows: Note [Method options].

#include "engine/base/suggest.h"
#include "incremental/options/option.h"

namespace mneme {

/// Options that most methods with distillation have.
struct SharedOptions {
  std::optional<double> lambda;  ///< weight of what protects the old classes; each method has a default of its own
  double temperature = 2;        ///< T of the distillation
  double eps = 1e-5;             ///< smoothing of the student's probabilities in the distillation, as FACIL has it
  bool as_released = false;      ///< compute as the authors' released code does, where that departs from the paper
  bool fixed_lambda = false;     ///< lambda does not grow from task to task
};

/// How a learned alpha takes steps: docs/methods/balanced-softmax.md#meta-balanceds-ce.
enum class AlphaOptimizer { adam, sgd };
/// The names of the optimisers, as --alpha-optimizer takes them.
inline constexpr std::pair<const char*, AlphaOptimizer> alpha_optimizers[] = {{"adam", AlphaOptimizer::adam},
                                                                              {"sgd", AlphaOptimizer::sgd}};
/// Throws UsageError, listing "adam" and "sgd", for other names.
inline void read_name(const std::string& text, AlphaOptimizer& optimizer) {
  optimizer = choose_by_name("optimiser of alpha", text, alpha_optimizers);
}
/// "adam" or "sgd".
inline const char* name_of(AlphaOptimizer optimizer) { return name_among(alpha_optimizers, optimizer); }

/// Balanced softmax, with a fixed or a learned alpha: docs/methods/balanced-softmax.md#alpha.
struct BalancedSoftmaxOptions {
  double alpha = 1;                                       ///< weight of the old classes' counts
  AlphaOptimizer alpha_optimizer = AlphaOptimizer::adam;  ///< how a learned alpha takes steps
  std::optional<double> alpha_lr;                         ///< learning rate of a learned alpha
  int alpha_period = 10;                                  ///< steps from one meta-gradient of alpha to the next

  /// The learning rate of a learned alpha that is used: as given, or 0.01 with Adam and 1 with SGD.
  double alpha_rate() const { return alpha_lr.value_or(alpha_optimizer == AlphaOptimizer::adam ? 0.01 : 1); }
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
  double validation_exemplars = 0.1;  ///< share of the memory that is held out
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
inline constexpr Option alpha_optimizer = option<&BalancedSoftmaxOptions::alpha_optimizer>(
    "--alpha-optimizer", "How that factor is learned: adam, which starts anew in every task, or sgd");
inline constexpr Option alpha_lr = option<&BalancedSoftmaxOptions::alpha_lr>(
    "--alpha-lr", "Learning rate of that factor (default: 0.01 with adam, 1 with sgd)", at_least(0));
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
