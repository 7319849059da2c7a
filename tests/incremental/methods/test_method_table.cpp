// One line for every method: what it is made of, by the classes of its terms, and its later stages. The lines were
// written from the pages in docs/methods. A method whose line changes trains differently from what its paper says, or
// from what it did before.

#include <cxxabi.h>
#include <doctest/doctest.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <map>
#include <memory>

#include "incremental/methods/registry.h"
#include "incremental/methods/slots.h"
#include "tests/incremental/methods/method_runs.h"
#include "tests/incremental/task_contexts.h"

namespace mneme::test {
namespace {

/// The name of a term's class without its namespaces.
std::string class_of(const MethodPart& part) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(abi::__cxa_demangle(typeid(part).name(), nullptr, nullptr, &status),
                                                    std::free);
  REQUIRE(status == 0);
  const std::string whole = name.get();
  return whole.substr(whole.rfind(':') + 1);
}

/// Cross-entropy is one class, over the newest head or over all classes.
std::string name_of_term(const LossTerm& term) {
  return class_of(term) + (term.is_cross_entropy(last_task_of({4, 2}, false)) ? " of all classes" : "");
}

std::string text_of(const std::vector<WeightedTerm>& terms) {
  std::vector<std::string> words;
  for (const WeightedTerm& t : terms)
    words.push_back(fmt::format("{} {:g}{}", name_of_term(*t.term), t.weight,
                                t.growth == old_per_new   ? " sqrt(old/new)"
                                : t.growth == all_per_new ? " sqrt(all/new)"
                                : t.growth                ? " ?"
                                                          : ""));
  return fmt::format("{}", fmt::join(words, " + "));
}

std::string text_of(const Objective& objective) {
  std::vector<std::string> parts;
  for (const auto* terms : {&objective.prediction, &objective.distillation})
    if (!terms->empty()) parts.push_back(text_of(*terms));
  for (const NamedRegulariser& r : objective.regularisers) parts.push_back(class_of(*r.regulariser));
  return fmt::format("{}{}", fmt::join(parts, " + "), objective.balance == Balance::rho ? " by rho" : "");
}

std::string network_of(const NetworkConfig& network) {
  std::string out = name_of(network.classifier);
  if (!network.last_relu) out += " without last ReLU";
  if (network.signed_blocks) out += ", signed blocks";
  if (network.signed_maps) out += ", signed maps";
  if (network.kernel_scales) out += ", kernel scales";
  return out;
}

std::string trained_by(const TrainableParts& parts) {
  std::string out;
  if (parts.backbone) out += 'B';
  if (parts.kernel_scales) out += 'k';
  if (parts.old_classes) out += 'o';
  if (parts.new_classes) out += 'n';
  if (parts.scale) out += 's';
  if (parts.correction) out += 'c';
  return out;
}

std::string images_of(const Stage& stage) {
  constexpr const char* kinds[] = {"task", "new images", "balanced", "held out", "auxiliary"};
  constexpr const char* balances[] = {"per class", "in total", "smallest"};
  std::string out = kinds[static_cast<int>(stage.images)];
  if (stage.images == StageImages::balanced)
    out += fmt::format(" {} by {}", balances[static_cast<int>(stage.balancing)], name_of(stage.chosen_by));
  return out;
}

/// After a main stage of 160 epochs by steps from 0.1 on with momentum 0.9.
std::string text_of(const Stage& s) {
  return fmt::format("; then {}: {}, {} from {}, {} epochs {} at {:g}, momentum {:g}", s.name, text_of(s.objective),
                     trained_by(s.trainable_parts), images_of(s), s.options.epochs, name_of(s.options.schedule),
                     s.options.learning_rate, s.options.sgd.momentum);
}

std::string slots_of(const Method& m) {
  constexpr const char* needs[] = {"", ", exemplars expected", ", exemplars required", ", no exemplars"};
  constexpr const char* kinds[] = {"shuffled", "memory", "classes", "ratio", "split"};
  std::string out = needs[static_cast<int>(m.exemplars)];
  if (m.train_on == TrainOn::all_so_far) out += ", all images so far";
  if (m.freeze_backbone_after) out += fmt::format(", backbone rests after {}", *m.freeze_backbone_after);
  if (m.imprints) out += m.imprints_augmented ? ", imprints augmented" : ", imprints";
  if (m.resets_classifier) out += ", resets";
  if (m.starts_over) out += ", starts over";
  if (m.needs_auxiliary) out += ", second image set";
  if (m.sampling.kind != Sampling::shuffled)
    out += fmt::format(", {} {}", kinds[static_cast<int>(m.sampling.kind)], m.sampling.replay_batch);
  if (m.validation_exemplars > 0)
    out += fmt::format(", holds out {:g} {}", m.validation_exemplars,
                       m.hold_out == HoldOut::for_good       ? "for good"
                       : m.hold_out == HoldOut::for_the_task ? "for the task"
                                                             : "of the memory's last");
  if (m.exemplar_learning) out += ", exemplars learn";
  if (m.rule->name() != "logits") out += ", by " + m.rule->name();
  if (m.search_from) out += fmt::format(", search from {:g}", *m.search_from);
  return out;
}

std::string line_of(const std::string& name) {
  constexpr const char* trainings[] = {"old heads with exemplars", "all", "no old classes"};
  const Method m = make_method(name, {});
  TrainOptions options;
  options.epochs = 160;
  options.learning_rate = 0.1;
  const std::vector<Stage> stages = stages_of(m, options, last_task_of({4, 2}, true));
  std::string out = fmt::format("{}; {}; trains {}", network_of(m.network), text_of(static_cast<const Objective&>(m)),
                                trainings[static_cast<int>(m.trainable)]);
  out += slots_of(m);
  for (size_t i = 1; i < stages.size(); ++i) out += text_of(stages[i]);
  return out;
}

const std::map<std::string, std::string> lines = {
    {"finetuning", "linear; CurrentCrossEntropy 1; trains old heads with exemplars"},
    {"freezing", "linear; CurrentCrossEntropy 1; trains old heads with exemplars, backbone rests after 0"},
    {"joint", "linear; CurrentCrossEntropy of all classes 1; trains all, no exemplars, all images so far"},
    {"ft-ss-il", "linear; CurrentCrossEntropy of all classes 1; trains all, exemplars required"},
    {"lwf", "linear; CurrentCrossEntropy 1 + JointDistillation 1; trains old heads with exemplars, search from 10"},
    {"lwm",
     "linear; CurrentCrossEntropy 1 + JointDistillation 1 + AttentionDistillation 1; trains old heads with exemplars, "
     "search from 2"},
    {"lwf-s",
     "linear; CurrentCrossEntropy 1 + SeparatedDistillation 1; trains old heads with exemplars, search from 10"},
    {"lwm-s",
     "linear; CurrentCrossEntropy 1 + SeparatedDistillation 1 + AttentionDistillation 1; trains old heads with "
     "exemplars, search from 2"},
    {"lwf-sr",
     "linear; CurrentCrossEntropy 1 + JointDistillation 0.5 + SeparatedDistillation 1; trains old heads with "
     "exemplars, search from 10"},
    {"lwm-sr",
     "linear; CurrentCrossEntropy 1 + JointDistillation 0.5 + SeparatedDistillation 1 + AttentionDistillation 1; "
     "trains old heads with exemplars, search from 2"},
    {"lwf-br",
     "linear; CurrentCrossEntropy 1 + JointDistillation 1 + BinaryDistillation 1; trains old heads with exemplars, "
     "search from 10"},
    {"lwm-br",
     "linear; CurrentCrossEntropy 1 + JointDistillation 1 + BinaryDistillation 1 + AttentionDistillation 1; trains old "
     "heads with exemplars, search from 2"},
    {"lwf-br2",
     "linear; CurrentCrossEntropy 1 + BinaryPrediction 1 + JointDistillation 1 + BinaryDistillation 1; trains old "
     "heads with exemplars, search from 10"},
    {"lwm-br2",
     "linear; CurrentCrossEntropy 1 + BinaryPrediction 1 + JointDistillation 1 + BinaryDistillation 1 + "
     "AttentionDistillation 1; trains old heads with exemplars, search from 2"},
    {"lwf-bsr",
     "linear; CurrentCrossEntropy 1 + JointDistillation 1 + SeparatedDistillation 1 + BinaryDistillation 0.5; trains "
     "old heads with exemplars, search from 10"},
    {"lwm-bsr",
     "linear; CurrentCrossEntropy 1 + JointDistillation 1 + SeparatedDistillation 1 + BinaryDistillation 0.5 + "
     "AttentionDistillation 1; trains old heads with exemplars, search from 2"},
    {"lucir",
     "cosine without last ReLU; CurrentCrossEntropy of all classes 1 + MarginRanking 1 + LessForget 5 sqrt(old/new); "
     "trains no old classes, exemplars expected, search from 10"},
    {"lucir-s",
     "cosine without last ReLU; CurrentCrossEntropy of all classes 1 + MarginRanking 1 + SeparatedDistillation 0.5 "
     "sqrt(old/new); trains no old classes, exemplars expected, search from 10"},
    {"lucir-sr",
     "cosine without last ReLU; CurrentCrossEntropy of all classes 1 + MarginRanking 1 + LessForget 5 sqrt(old/new) + "
     "SeparatedDistillation 0.5 sqrt(old/new); trains no old classes, exemplars expected, search from 10"},
    {"lucir-br",
     "cosine without last ReLU; CurrentCrossEntropy of all classes 1 + MarginRanking 1 + LessForget 5 sqrt(old/new) + "
     "BinaryDistillation 0.5 sqrt(old/new); trains no old classes, exemplars expected, search from 10"},
    {"lucir-br2",
     "cosine without last ReLU; CurrentCrossEntropy of all classes 1 + MarginRanking 1 + BinaryPrediction 1 + "
     "LessForget 5 sqrt(old/new) + BinaryDistillation 0.5 sqrt(old/new); trains no old classes, exemplars expected, "
     "search from 10"},
    {"lucir-bsr",
     "cosine without last ReLU; CurrentCrossEntropy of all classes 1 + MarginRanking 1 + LessForget 5 sqrt(old/new) + "
     "SeparatedDistillation 0.5 sqrt(old/new) + BinaryDistillation 0.5 sqrt(old/new); trains no old classes, exemplars "
     "expected, search from 10"},
    {"lucir-balanced",
     "cosine without last ReLU; BalancedSoftmax 1 + MarginRanking 1 + LessForget 5 sqrt(old/new); trains no old "
     "classes, exemplars expected, search from 10"},
    {"lucir-ss-il",
     "cosine without last ReLU; CurrentCrossEntropy of all classes 1 + MarginRanking 1 + LessForget 10 sqrt(old/new); "
     "trains no old classes, exemplars required, imprints, search from 10"},
    {"ewc", "linear; CurrentCrossEntropy 1 + FisherPenalty; trains old heads with exemplars, search from 156.25"},
    {"si", "linear; CurrentCrossEntropy 1 + PathIntegralPenalty; trains old heads with exemplars, search from 10"},
    {"mas", "linear; CurrentCrossEntropy 1 + SensitivityPenalty; trains old heads with exemplars, search from 400"},
    {"rwalk", "linear; CurrentCrossEntropy 1 + Walk; trains old heads with exemplars, search from 20"},
    {"icarl",
     "linear; BinaryClassification 1 + BinaryDistillationOfAll 1; trains all, exemplars expected, by nearest-mean, "
     "search from 4"},
    {"icarl-ss-il",
     "linear; CurrentCrossEntropy of all classes 1 + SeparatedDistillation 1; trains all, exemplars required, by "
     "nearest-mean, search from 4"},
    {"eeil",
     "linear; CurrentCrossEntropy of all classes 1 + SeparatedDistillation 1; trains all, exemplars expected, search "
     "from 10; then balanced finetuning: CurrentCrossEntropy of all classes 1 + SeparatedDistillation 1 + "
     "NewestHeadDistillation 1, Bons from balanced per class by random, 40 epochs steps at 0.001, momentum 0.9"},
    {"eeil-ss-il",
     "linear; CurrentCrossEntropy of all classes 1 + SeparatedDistillation 1; trains all, exemplars required, search "
     "from 10; then balanced finetuning: CurrentCrossEntropy of all classes 1 + NewestHeadDistillation 1, Bons from "
     "balanced smallest by first, 120 epochs steps at 0.01, momentum 0.9"},
    {"bic",
     "corrected; CurrentCrossEntropy of all classes 1 + JointDistillation 1 by rho; trains all, exemplars required, "
     "holds out 0.1 for good; then bias correction: CurrentCrossEntropy of all classes 1 + SquarePenalty, c from held "
     "out, 200 epochs constant at 0.1, momentum 0.9"},
    {"bic-ss-il",
     "corrected; CurrentCrossEntropy of all classes 1 + JointDistillation 1 by rho; trains all, exemplars required, "
     "resets, holds out 0.1 of the memory's last; then bias correction: CurrentCrossEntropy of all classes 1, c from "
     "held out, 320 epochs steps at 0.001, momentum 0"},
    {"il2m", "linear; CurrentCrossEntropy 1; trains all, exemplars required, by rectified"},
    {"il2m-ss-il", "linear; CurrentCrossEntropy of all classes 1; trains all, exemplars required, by rectified"},
    {"dmc",
     "linear; CurrentCrossEntropy 1; trains old heads with exemplars, no exemplars, starts over, second image set; "
     "then consolidation: DoubleDistillation 1, Bons from auxiliary, 160 epochs steps at 0.1, momentum 0.9"},
    {"il-baseline",
     "linear; CurrentCrossEntropy of all classes 1 + JointDistillation 1 by rho; trains all, exemplars required"},
    {"il-baseline-balanced", "linear; BalancedSoftmax 1 + JointDistillation 1 by rho; trains all, exemplars required"},
    {"il-baseline-meta",
     "linear; LearnedAlpha 1 + JointDistillation 1 by rho; trains all, exemplars required, holds out 0.1 for the task"},
    {"mnemonics",
     "cosine without last ReLU, kernel scales; CurrentCrossEntropy of all classes 1 + JointDistillation 0.25; trains "
     "no old classes, exemplars required, exemplars learn"},
    {"podnet",
     "proxies without last ReLU, signed blocks; Nca 1 + PodSpatial 3 sqrt(all/new) + LessForget 1 sqrt(all/new); "
     "trains no old classes, exemplars expected, imprints; then class-balance finetuning: Nca 1, on from balanced per "
     "class by herding, 20 epochs constant at 0.05, momentum 0.9"},
    {"podnet-balanced",
     "proxies without last ReLU, signed blocks; BalancedSoftmax 1 + PodSpatial 3 sqrt(all/new) + LessForget 1 "
     "sqrt(all/new); trains no old classes, exemplars expected, imprints"},
    {"podnet-ss-il",
     "proxies without last ReLU, signed maps; NcaAsReleased 1 + PodSpatial 8 + LessForget 20; trains no old classes, "
     "exemplars required, imprints augmented, resets; then class-balance finetuning: NcaAsReleased 1, on from balanced "
     "smallest by first, 20 epochs constant at 0.01, momentum 0"},
    {"derpp",
     "linear; PartialCrossEntropy 1 + PartialCrossEntropy 0.5 + LogitDistillationOfExemplars 0.5; trains all, "
     "exemplars required, split 32"},
    {"ss-il", "linear; SeparatedSoftmax 1 + SeparatedDistillation 1; trains all, exemplars required, split 32"},
    {"tpcil", "linear; CurrentCrossEntropy of all classes 1 + Topology 10; trains all, exemplars required"},
};

TEST_CASE("every method is made of what its page says: terms, weights, growth, slots and later stages") {
  for (const MethodInfo& method : all_methods()) {
    CAPTURE(method.name);
    const auto line = lines.find(method.name);
    REQUIRE_MESSAGE(line != lines.end(), "a new method needs a line here");
    CHECK(line_of(method.name) == line->second);
  }
  for (const auto& [name, line] : lines) CHECK_NOTHROW((void)method_named(name));
}

TEST_CASE("every option of a method has the value of its page unless it is given") {
  const std::map<std::string, std::string> values = {{"--all-outputs", "false"},
                                                     {"--freeze-after", "0"},
                                                     {"--as-released", "false"},
                                                     {"--lambda", "null"},
                                                     {"--temperature", "2.0"},
                                                     {"--eps", "1e-05"},
                                                     {"--sr-joint", "0.5"},
                                                     {"--bsr-binary", "0.5"},
                                                     {"--attention-weight", "1.0"},
                                                     {"--fixed-lambda", "false"},
                                                     {"--margin-weight", "1.0"},
                                                     {"--margin", "0.5"},
                                                     {"--margin-classes", "2"},
                                                     {"--gamma1", "0.1"},
                                                     {"--gamma-binary", "0.1"},
                                                     {"--remove-less-forget", "false"},
                                                     {"--imprint", "false"},
                                                     {"--importance-alpha", "0.5"},
                                                     {"--damping", "0.1"},
                                                     {"--importance-images", "0"},
                                                     {"--fisher-labels", "\"predicted\""},
                                                     {"--finetuning-lr-factor", "0.01"},
                                                     {"--finetuning-epochs", "40"},
                                                     {"--gradient-noise", "false"},
                                                     {"--bias-epochs", "200"},
                                                     {"--validation-exemplars", "0.1"},
                                                     {"--aux-batch-size", "128"},
                                                     {"--alpha", "1.0"},
                                                     {"--alpha-lr", "null"},
                                                     {"--alpha-optimizer", "\"adam\""},
                                                     {"--alpha-period", "10"},
                                                     {"--exemplar-lr", "null"},
                                                     {"--exemplar-step", "0.1"},
                                                     {"--exemplar-epochs", "1"},
                                                     {"--flat-weight", "1.0"},
                                                     {"--delta", "0.6"},
                                                     {"--balanced-epochs", "0"},
                                                     {"--balanced-lr", "null"},
                                                     {"--der-alpha", "0.5"},
                                                     {"--der-beta", "0.5"},
                                                     {"--replay-batch", "32"},
                                                     {"--replay-share", "0.2"},
                                                     {"--vertices", "64"}};
  for (const Option& option : all_options()) {
    CAPTURE(std::string(option.flag));
    const auto value = values.find(option.flag);
    REQUIRE_MESSAGE(value != values.end(), "a new option needs a line here");
    CHECK(option.value({}).dump() == value->second);
  }
  CHECK(all_options().size() == values.size());
}

}  // namespace
}  // namespace mneme::test
