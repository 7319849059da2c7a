// One line for every method: what it is made of, by the classes of its terms, and its later stages. The lines were written
// from the pages in docs/methods. A method whose line changes trains differently from what its paper says, or from what
// it did before.

#include <cxxabi.h>
#include <doctest/doctest.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <map>
#include <memory>

#include "incremental/methods/registry.h"
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

std::string regularisers_of(const Objective& objective) {
  std::string out;
  for (const NamedRegulariser& r : objective.regularisers) out += " + " + class_of(*r.regulariser);
  return out;
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
  return fmt::format("; then {}: {}{}{}{}, {} on {}, {} epochs {} from {:g}, momentum {:g}", s.name,
                     text_of(s.objective.prediction), s.objective.distillation.empty() ? "" : " + ",
                     text_of(s.objective.distillation), regularisers_of(s.objective), trained_by(s.trainable_parts),
                     images_of(s), s.options.epochs, name_of(s.options.schedule), s.options.learning_rate,
                     s.options.sgd.momentum);
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
                       m.hold_out == HoldOut::for_good        ? "for good"
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
  std::string out = fmt::format("{}; {}{}{}{}{}; trains {}", network_of(m.network), text_of(m.prediction),
                                m.distillation.empty() ? "" : " + ", text_of(m.distillation), regularisers_of(m),
                                m.balance == Balance::rho ? " by rho" : "", trainings[static_cast<int>(m.trainable)]);
  out += slots_of(m);
  for (size_t i = 1; i < stages.size(); ++i) out += text_of(stages[i]);
  return out;
}

const std::map<std::string, std::string> lines = {
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

}  // namespace
}  // namespace mneme::test
