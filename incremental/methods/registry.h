#pragma once
// The methods by name. Each is a function in incremental/methods/ that fills a Method; a new one is a file there and a row
// in registry.cpp. A program outside this repository adds its own with register_method.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "incremental/method/method.h"
#include "incremental/regularisers/importance.h"

namespace mneme {

/// Every knob of every method, with the papers' values. A method reads the ones its description names.
struct MethodOptions {
  std::optional<double> lambda;  ///< weight of what keeps the old (each method has a value of its own)
  double temperature = 2;        ///< T of distillation
  double eps = 1e-5;             ///< smoothing of the student's probabilities in distillation, as FACIL has it
  bool as_released = false;      ///< as the released code computes it, where that departs from the paper
  double sr_joint = 0.5;         ///< lwf-sr: share of the joint distillation
  double bsr_binary = 0.5;       ///< lwf-bsr: share of the binary distillation
  double attention = 1;          ///< lwm: gamma, weight of the attention distillation
  double alpha = 1;              ///< balanced softmax: weight of old classes' counts
  double alpha_rate = 1;         ///< learned balanced softmax: step size of alpha
  int alpha_period = 10;         ///< learned balanced softmax: steps between looks ahead
  bool all_outputs = false;      ///< finetuning, freezing: cross-entropy over all heads, all parameters
  int freeze_after = 0;          ///< freezing: the last task in which the backbone learns

  double gamma1 = 0.1;          ///< lucir: share of per-task distillation
  double gamma_binary = 0.1;    ///< lucir: share of binary distillation
  double margin_weight = 1;     ///< lucir: of the margin ranking; 0 leaves it out
  double margin = 0.5;          ///< lucir
  int margin_classes = 2;       ///< lucir: K, new classes that each old image is held away from
  bool no_less_forget = false;  ///< lucir: old cosines are kept instead of directions of features
  bool fixed_lambda = false;    ///< lucir: lambda does not grow with sqrt(N_old / n_t)
  bool imprint = false;         ///< lucir: new classes' weights start at what their images look like
  /// lucir (0: none), podnet and slot second stage (0: 20, as in the papers): epochs of class-balance finetuning
  int balanced_epochs = 0;
  std::optional<double> balanced_rate;  ///< of that finetuning, in place of the method's

  double flat_weight = 1;  ///< podnet: of POD-flat, on top of the method's; --lambda is POD-spatial's
  double delta = 0.6;      ///< podnet, and slot prediction nca: margin of the scores before their scale

  int vertices = 64;  ///< tpcil, and slot distillation topology: exemplars whose similarities are compared in a step
  std::optional<double> exemplar_rate;  ///< mnemonics: step size of the exemplars' pixels (as released: 1e-5)
  double exemplar_step = 0.1;           ///< mnemonics: size of the step that is taken ahead on exemplars
  int exemplar_epochs = 1;              ///< mnemonics: over the images that judge exemplars

  double importance_alpha = 0.5;  ///< ewc, mas, rwalk: share of the importance before; -1: N_old / N
  double damping = 0.1;           ///< si, rwalk: xi
  int importance_images = 0;      ///< ewc, mas, rwalk: images looked at after a task; 0: all
  FisherLabels fisher_labels = FisherLabels::predicted;  ///< ewc, rwalk

  double finetuning_factor = 0.01;  ///< eeil: the second round's learning rate, as a share of the first's
  int finetuning_epochs = 40;       ///< eeil
  bool gradient_noise = false;      ///< eeil
  double held_out = 0.1;            ///< bic, learned balanced softmax: share of the memory kept for what is learned so
  int bias_epochs = 200;            ///< bic
  int auxiliary_batch = 128;        ///< dmc
  int replay_batch = 32;            ///< ss-il and slot sampler split: exemplars beside the batch size's new images
};

struct MethodInfo {
  std::string name;
  std::string summary;
  std::function<Method(const MethodOptions& options)> make;
};

/// Every method, in the order of --list-methods: those of this repository, then the registered ones.
const std::vector<MethodInfo>& all_methods();

/// Adds a method, which `--method NAME` then finds like any other. Call it before the command line is read and before
/// another thread starts: references into all_methods() are invalid afterwards. Throws Error if the name is empty or
/// taken, or if `make` is empty.
void register_method(MethodInfo method);

/// Throws UsageError with the nearest name if there is no such method.
Method make_method(const std::string& name, const MethodOptions& options);

}  // namespace mneme
