// The flags that choose a method and turn its knobs.

#include "apps/common/flags.h"

namespace mneme {
namespace {

/// Adds options to one group, so that each is one line.
struct Group {
  CLI::App& app;
  const char* name;

  template <class T>
  void number(const char* flag, T& value, const char* help) const {
    app.add_option(flag, value, help)->group(name)->capture_default_str();
  }
  void flag(const char* flag, bool& value, const char* help) const { app.add_flag(flag, value, help)->group(name); }
  void text(const char* flag, std::string& value, const std::string& help) const {
    app.add_option(flag, value, help)->group(name);
  }
};

void add_choice(CLI::App& app, Flags& f) {
  const Group group{app, "Method"};
  ExperimentOptions& e = f.experiment;
  group.number("--method", e.method, "Method to run; --list-methods shows all");
  group.text("--preset", e.preset, "A row of a published table: sets the flags below, which may still be overridden");
  group.flag("--list-methods", f.list_methods, "Show the methods and stop");
  group.flag("--list-presets", f.list_presets, "Show the presets with their published numbers and stop");
  app.add_option("--lambda", e.method_options.lambda, "Weight of what keeps the old (default: the method's)")
      ->group(group.name);
  group.number("--temperature", e.method_options.temperature, "Temperature of the distillation");
  group.number("--eps", e.method_options.eps, "Smoothing of the student's probabilities in the distillation");
  group.flag("--as-released", e.method_options.as_released,
             "Compute as the released code does where it departs from the paper");
  group.text("--prediction", e.slots.prediction,
             "Classification loss in place of the method's, one of " + prediction_names());
  group.text("--distill", e.slots.distillation,
             "Distillation in place of the method's: none, or a list of " + distillation_names());
  group.text("--sampler", e.slots.sampler,
             "How an epoch goes through the images: shuffled, memory (exemplars as often as new images), classes (each "
             "as often), ratio (--replay-share of every batch) or split (--replay-batch beside every batch)");
  group.number("--replay-share", e.slots.replay_share, "--sampler ratio: exemplars per batch, as a share of it");
  group.number("--replay-batch", e.method_options.replay_batch,
               "ss-il, --sampler split: exemplars beside the --batch-size new images of every step");
  group.text("--second-stage", e.slots.second_stage,
             "none, or balanced: class weights are finetuned on equally many images of every class");
  group.text("--predict-by", e.predict_by, "logits, multi-softmax or nearest-mean (default: the method's rule)");
  group.flag("--multi-softmax", f.multi_softmax, "The same as --predict-by multi-softmax");
  group.text("--classifier", f.classifier, "linear, cosine, corrected or proxies (default: the method's)");
}

void add_distillation(CLI::App& app, MethodOptions& m) {
  const Group group{app, "Distillation and its relatives"};
  group.number("--sr-joint", m.sr_joint, "lwf-sr: share of the joint distillation");
  group.number("--bsr-binary", m.bsr_binary, "lwf-bsr: share of the binary distillation");
  group.number("--attention-weight", m.attention, "lwm: weight of the attention distillation");
  group.number("--alpha", m.alpha, "Balanced softmax: factor on the counts of old classes");
  group.number("--alpha-lr", m.alpha_rate, "Learned balanced softmax: step size of that factor");
  group.number("--alpha-period", m.alpha_period, "Learned balanced softmax: steps from one look ahead to the next");
  group.flag("--all-outputs", m.all_outputs,
             "finetuning, freezing: cross-entropy over all heads, all parameters learn");
  group.number("--freeze-after", m.freeze_after, "freezing: last task in which the backbone learns (-1: none)");
  group.number("--gamma1", m.gamma1, "lucir: share of per-task distillation");
  group.number("--gamma-binary", m.gamma_binary, "lucir: share of binary distillation");
  group.number("--margin-weight", m.margin_weight, "lucir: weight of the margin ranking (0: none)");
  group.number("--margin", m.margin, "lucir: the margin");
  group.number("--margin-classes", m.margin_classes, "lucir: how many new classes each old image is held away from");
  group.flag("--remove-less-forget", m.no_less_forget, "lucir: keep old scores instead of directions of features");
  group.flag("--fixed-lambda", m.fixed_lambda,
             "lucir, podnet, pod-spatial, pod-flat: --lambda does not grow with the share of old classes");
  group.flag("--imprint", m.imprint, "lucir: new classes' weights start at what their images look like");
  group.number("--balanced-epochs", m.balanced_epochs,
               "Epochs of class-balance finetuning: lucir (0: none), podnet and --second-stage (0: 20, as in papers)");
  app.add_option("--balanced-lr", m.balanced_rate, "Learning rate of that finetuning (default: the method's)")
      ->group(group.name);
  group.number("--flat-weight", m.flat_weight, "podnet: weight of POD-flat; --lambda is POD-spatial's");
  group.number("--vertices", m.vertices, "tpcil, --distill topology: exemplars that are compared in a step");
  group.number("--delta", m.delta, "podnet, --prediction nca: margin of the scores before their scale");
}

void add_rest(CLI::App& app, Flags& f) {
  MethodOptions& m = f.experiment.method_options;
  const Group importance{app, "Importance of parameters"}, later{app, "Second rounds"};
  importance.number("--importance-alpha", m.importance_alpha,
                    "ewc, mas, rwalk: share of the importance before (-1: the share of old classes)");
  importance.number("--damping", m.damping, "si, rwalk: keeps importances finite where nothing moved");
  importance.number("--importance-images", m.importance_images,
                    "ewc, mas, rwalk: images looked at after a task (0: all)");
  importance.number("--fisher-labels", f.fisher_labels, "ewc, rwalk: predicted, true or drawn");
  later.number("--finetuning-lr-factor", m.finetuning_factor, "eeil: the second round's rate as a share of --lr");
  later.number("--finetuning-epochs", m.finetuning_epochs, "eeil: epochs of the second round");
  later.flag("--gradient-noise", m.gradient_noise, "eeil: noise on every gradient");
  later.number("--validation-exemplars", m.held_out,
               "bic, learned balanced softmax: share of the memory that only the correction sees");
  later.number("--bias-epochs", m.bias_epochs, "bic: epochs of the bias correction");
  app.add_option("--exemplar-lr", m.exemplar_rate, "mnemonics: step size of the exemplars' pixels")->group(later.name);
  later.number("--exemplar-step", m.exemplar_step, "mnemonics: size of the step ahead that judges exemplars");
  later.number("--exemplar-epochs", m.exemplar_epochs, "mnemonics: epochs for which exemplars learn after a task");
  later.number("--aux-batch-size", m.auxiliary_batch, "dmc: images per step of the consolidation");
}

}  // namespace

void add_method_flags(CLI::App& app, Flags& flags) {
  add_choice(app, flags);
  add_distillation(app, flags.experiment.method_options);
  add_rest(app, flags);
}

}  // namespace mneme
