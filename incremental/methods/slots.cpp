#include "incremental/methods/slots.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "engine/base/suggest.h"
#include "incremental/losses/distill.h"
#include "incremental/losses/features.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/building_blocks.h"

namespace mneme {
namespace {

using Rows = std::vector<Option>;

/// A loss term that can be chosen by name, and the options that it uses.
struct TermChoice {
  TermPointer (*make)(const MethodOptions& options);
  Rows options;
};
using Choices = std::vector<std::pair<const char*, TermChoice>>;

DistillOptions soft(const MethodOptions& o) {
  return {.temperature = o.get<SharedOptions>().temperature, .eps = o.get<SharedOptions>().eps};
}

TermPointer nca(const MethodOptions& o) {
  return o.get<SharedOptions>().as_released ? nca_term_as_released() : nca_term(o.get<NcaOptions>().delta);
}

TermPointer learned_alpha(const MethodOptions& o) {
  const BalancedSoftmaxOptions& alpha = o.get<BalancedSoftmaxOptions>();
  LearnedAlphaOptions options{.lr = alpha.alpha_rate()};
  if (alpha.alpha_optimizer == AlphaOptimizer::sgd) options.adam.reset();
  return learned_balanced_softmax(options);
}

const Choices& predictions() {
  static const Choices choices = {
      {"cross-entropy", {[](const MethodOptions&) { return joint_cross_entropy(); }, {}}},
      {"balanced-softmax",
       {[](const MethodOptions& o) { return balanced_softmax(o.get<BalancedSoftmaxOptions>().alpha); }, {row::alpha}}},
      {"learned-balanced-softmax",
       {learned_alpha, {row::alpha_optimizer, row::alpha_lr, row::alpha_period, row::validation_exemplars}}},
      {"rescaled", {[](const MethodOptions&) { return rescaled_cross_entropy(); }, {}}},
      {"separated", {[](const MethodOptions&) { return separated_softmax(); }, {}}},
      {"binary", {[](const MethodOptions&) { return binary_classification(); }, {}}},
      {"nca", {nca, {row::delta, row::as_released}}},
  };
  return choices;
}

const Choices& distillations() {
  static const Choices choices = {
      {"joint",
       {[](const MethodOptions& o) { return joint_distillation(soft(o)); }, {row::lambda, row::temperature, row::eps}}},
      {"separated",
       {[](const MethodOptions& o) { return separated_distillation(soft(o)); },
        {row::lambda, row::temperature, row::eps}}},
      {"binary", {[](const MethodOptions&) { return binary_distillation_per_task(); }, {row::lambda}}},
      {"logits", {[](const MethodOptions&) { return logit_distillation(); }, {row::lambda}}},
      {"less-forget", {[](const MethodOptions&) { return less_forget(); }, {row::lambda}}},
      {"attention", {[](const MethodOptions&) { return attention_distillation(); }, {row::lambda}}},
      {"pod-spatial", {[](const MethodOptions&) { return pod_spatial_term(); }, {row::lambda, row::fixed_lambda}}},
      {"topology",
       {[](const MethodOptions& o) { return topology_term(o.get<TopologyOptions>().vertices); },
        {row::lambda, row::vertices}}},
      {"pod-flat", {[](const MethodOptions&) { return less_forget(); }, {row::lambda, row::fixed_lambda}}},
  };
  return choices;
}

/// The options of samplers and second stages; names that are not listed use none.
const std::vector<std::pair<std::string, Rows>>& sampler_options() {
  static const std::vector<std::pair<std::string, Rows>> rows = {{"ratio", {row::replay_share}},
                                                                 {"split", {row::replay_batch}}};
  return rows;
}
const std::vector<std::pair<std::string, Rows>>& second_stage_options() {
  static const std::vector<std::pair<std::string, Rows>> rows = {
      {"balanced", {row::balanced_epochs, row::balanced_lr}}};
  return rows;
}

WeightedTerm prediction_of(const std::string& name, const MethodOptions& o) {
  return {name, 1, choose_by_name("prediction", name, predictions()).make(o)};
}

WeightedTerm distillation_of(const std::string& name, const MethodOptions& o) {
  const SharedOptions& shared = o.get<SharedOptions>();
  const bool grows = name.starts_with("pod-") && !shared.fixed_lambda;
  return {name + " distillation", shared.lambda.value_or(1),
          choose_by_name("distillation", name, distillations()).make(o), grows ? all_per_new : nullptr};
}

/// The names of a list joined by commas; none of "none".
std::vector<std::string> names_of(const std::string& list) {
  std::vector<std::string> names;
  if (list == "none") return names;
  for (size_t begin = 0; begin <= list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    names.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

/// Sets what a method needs, besides the term, if a number of the term is learned by a meta-gradient.
void hold_out_for_meta_gradient(Method& method, const MethodOptions& o) {
  method.hold_out = HoldOut::for_the_task;
  method.validation_exemplars = o.get<ValidationExemplarOptions>().validation_exemplars;
  method.meta_gradient.period = o.get<BalancedSoftmaxOptions>().alpha_period;
  method.exemplars = ExemplarNeed::required;
}

void set_second_stage(const std::string& name, const MethodOptions& o, Method& method) {
  constexpr std::pair<const char*, bool> names[] = {{"none", false}, {"balanced", true}};
  method.later_stages.clear();
  if (!choose_by_name("second stage", name, names)) return;
  method.later_stages = {[o](Stage& stage, const TaskContext& task) {
    stage.objective = {};
    stage.objective.prediction = {{"cross-entropy", 1, joint_cross_entropy()}};
    return methods::class_balance_finetuning(stage, task, o);
  }};
}

std::string joined(const Choices& choices) {
  std::string names;
  for (const auto& [name, choice] : choices) names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

void add(Rows& rows, const Rows& more) {
  for (const Option& option : more)
    if (std::ranges::find(rows, option.flag, &Option::flag) == rows.end()) rows.push_back(option);
}

bool holds(const Rows& rows, const std::string& flag) {
  return std::ranges::any_of(rows, [&](const Option& option) { return flag == option.flag; });
}

/// Calls `visit` with every choice of every slot, written as on the command line, and its options.
template <class Visit>
void each_choice(const Visit& visit) {
  for (const auto& [name, choice] : predictions()) visit(fmt::format("--prediction {}", name), choice.options);
  for (const auto& [name, choice] : distillations()) visit(fmt::format("--distill {}", name), choice.options);
  for (const auto& [name, rows] : sampler_options()) visit("--sampler " + name, rows);
  for (const auto& [name, rows] : second_stage_options()) visit("--second-stage " + name, rows);
}

/// The names as a list. A method and all methods whose names begin with its name are one entry, with a star.
std::string folded(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const std::string& name : names) {
    if (!out.empty() && out.back().ends_with("*") && name.starts_with(out.back().substr(0, out.back().size() - 1)))
      continue;
    size_t alike = 0, users = 0;
    for (const MethodInfo& method : all_methods()) alike += method.name.starts_with(name);
    for (const std::string& other : names) users += other.starts_with(name);
    out.push_back(alike > 1 && alike == users ? name + "*" : name);
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

Option option_with(const std::string& flag) {
  std::vector<std::pair<const char*, Option>> known;
  for (const Option& option : all_options()) known.emplace_back(option.flag, option);
  return choose_by_name("option of a method", flag, known);
}

void say(Method& method, const char* slot, const std::string& choice) {
  method.description += fmt::format(" In place of its own {}: {}.", slot, choice);
}

}  // namespace

std::string prediction_names() { return joined(predictions()); }
std::string distillation_names() { return joined(distillations()); }

void apply(const SlotChoices& choices, const MethodOptions& options, Method& method) {
  if (!choices.prediction.empty()) {
    const WeightedTerm term = prediction_of(choices.prediction, options);
    method.prediction.at(0) = term;
    if (!method.validation.empty()) method.validation = {term};
    if (term.term->meta_learned()) hold_out_for_meta_gradient(method, options);
    say(method, "classification loss", choices.prediction);
  }
  if (!choices.distillation.empty()) {
    method.distillation.clear();
    for (const std::string& name : names_of(choices.distillation))
      method.distillation.push_back(distillation_of(name, options));
    say(method, "distillation", choices.distillation);
  }
  if (!choices.sampler.empty()) {
    const ReplayOptions& replay = options.get<ReplayOptions>();
    method.sampling = {sampling_named(choices.sampler), replay.replay_share, replay.replay_batch};
    say(method, "sampler", choices.sampler);
  }
  if (!choices.second_stage.empty()) {
    set_second_stage(choices.second_stage, options, method);
    say(method, "second stage", choices.second_stage);
  }
}

std::vector<Option> all_options() {
  Rows rows;
  for (const MethodInfo& method : all_methods()) add(rows, method.options);
  each_choice([&](const std::string&, const Rows& more) { add(rows, more); });
  return rows;
}

std::vector<Option> options_in_use(const std::string& method, const SlotChoices& choices) {
  Rows rows;
  add(rows, method_named(method).options);
  if (!choices.prediction.empty()) add(rows, choose_by_name("prediction", choices.prediction, predictions()).options);
  if (!choices.distillation.empty())
    for (const std::string& name : names_of(choices.distillation))
      add(rows, choose_by_name("distillation", name, distillations()).options);
  for (const auto& [name, more] : sampler_options())
    if (name == choices.sampler) add(rows, more);
  for (const auto& [name, more] : second_stage_options())
    if (name == choices.second_stage) add(rows, more);
  return rows;
}

std::string users_of(const std::string& flag) {
  std::vector<std::string> methods, choices;
  for (const MethodInfo& method : all_methods())
    if (holds(method.options, flag)) methods.push_back(method.name);
  each_choice([&](const std::string& choice, const Rows& rows) {
    if (holds(rows, flag)) choices.push_back(choice);
  });
  const std::string names = folded(methods);
  return fmt::format("{}{}{}", names, names.empty() || choices.empty() ? "" : ", ", fmt::join(choices, ", "));
}

void set_option(MethodOptions& options, const std::string& flag, const std::string& text) {
  const Option option = option_with(flag);
  option.read(option, options, text);
}

nlohmann::json option_value(const MethodOptions& options, const std::string& flag) {
  return option_with(flag).value(options);
}

std::vector<std::string> remarks_on_unused(const std::vector<std::string>& flags, const std::string& method,
                                           const SlotChoices& choices) {
  const Rows used = options_in_use(method, choices);
  std::vector<std::string> remarks;
  for (auto flag = flags.begin(); flag != flags.end(); ++flag)
    if (!holds(used, *flag) && std::find(flags.begin(), flag, *flag) == flag)
      remarks.push_back(fmt::format("{} has no effect on {}: it belongs to {} (--help-method {} shows what {} takes)",
                                    *flag, method, users_of(*flag), method, method));
  return remarks;
}

}  // namespace mneme
