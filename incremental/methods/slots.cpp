#include "incremental/methods/slots.h"

#include <span>

#include "engine/base/suggest.h"
#include "incremental/losses/distill.h"
#include "incremental/losses/features.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/balanced_finetuning.h"

namespace mneme {
namespace {

using MakeTerm = TermPointer (*)(const MethodOptions&);
using Named = std::pair<const char*, MakeTerm>;

DistillOptions soft(const MethodOptions& o) { return {.temperature = o.temperature, .eps = o.eps}; }

constexpr Named predictions[] = {
    {"cross-entropy", [](const MethodOptions&) { return joint_cross_entropy(); }},
    {"balanced-softmax", [](const MethodOptions& o) { return balanced_softmax(o.alpha); }},
    {"learned-balanced-softmax",
     [](const MethodOptions& o) { return learned_balanced_softmax({.rate = o.alpha_rate}); }},
    {"rescaled", [](const MethodOptions&) { return rescaled_cross_entropy(); }},
    {"separated", [](const MethodOptions&) { return separated_softmax(); }},
    {"binary", [](const MethodOptions&) { return binary_classification(); }},
    {"nca", [](const MethodOptions& o) { return o.as_released ? nca_term_as_released() : nca_term(o.delta); }},
};

constexpr Named distillations[] = {
    {"joint", [](const MethodOptions& o) { return joint_distillation(soft(o)); }},
    {"separated", [](const MethodOptions& o) { return separated_distillation(soft(o)); }},
    {"binary", [](const MethodOptions&) { return binary_distillation_per_task(); }},
    {"logits", [](const MethodOptions&) { return logit_distillation(); }},
    {"less-forget", [](const MethodOptions&) { return less_forget(); }},
    {"attention", [](const MethodOptions&) { return attention_distillation(); }},
    {"pod-spatial", [](const MethodOptions&) { return pod_spatial_term(); }},
    {"topology", [](const MethodOptions& o) { return topology_term(o.vertices); }},
    {"pod-flat", [](const MethodOptions&) { return less_forget(); }},
};

WeightedTerm prediction_of(const std::string& name, const MethodOptions& o) {
  return {name, 1, choose_by_name("prediction", name, predictions)(o)};
}

WeightedTerm distillation_of(const std::string& name, const MethodOptions& o) {
  const bool grows = name.starts_with("pod-") && !o.fixed_lambda;
  return {name, o.lambda.value_or(1), choose_by_name("distillation", name, distillations)(o),
          grows ? all_per_new : nullptr};
}

std::vector<WeightedTerm> distillations_of(const std::string& names, const MethodOptions& o) {
  std::vector<WeightedTerm> terms;
  if (names == "none") return terms;
  for (size_t begin = 0; begin <= names.size();) {
    const size_t end = std::min(names.find(',', begin), names.size());
    terms.push_back(distillation_of(names.substr(begin, end - begin), o));
    begin = end + 1;
  }
  return terms;
}

/// What a number that is learned by looking ahead needs beside its term.
void hold_out_for_meta_gradient(Method& method, const MethodOptions& o) {
  method.hold_out = HoldOut::for_the_task;
  method.held_out = o.held_out;
  method.meta_gradient.period = o.alpha_period;
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

std::string joined(std::span<const Named> choices) {
  std::string names;
  for (const auto& [name, make] : choices) names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

void say(Method& method, const char* slot, const std::string& choice) {
  method.description += fmt::format(" In place of its own {}: {}.", slot, choice);
}

}  // namespace

std::string prediction_names() { return joined(predictions); }
std::string distillation_names() { return joined(distillations); }

void apply(const SlotChoices& choices, const MethodOptions& options, Method& method) {
  if (!choices.prediction.empty()) {
    const WeightedTerm term = prediction_of(choices.prediction, options);
    method.prediction.at(0) = term;
    if (!method.validation.empty()) method.validation = {term};
    if (term.term->meta_learned()) hold_out_for_meta_gradient(method, options);
    say(method, "classification loss", choices.prediction);
  }
  if (!choices.distillation.empty()) {
    method.distillation = distillations_of(choices.distillation, options);
    say(method, "distillation", choices.distillation);
  }
  if (!choices.sampler.empty()) {
    method.sampling = {sampling_named(choices.sampler), choices.replay_share, options.replay_batch};
    say(method, "sampler", choices.sampler);
  }
  if (!choices.second_stage.empty()) {
    set_second_stage(choices.second_stage, options, method);
    say(method, "second stage", choices.second_stage);
  }
}

}  // namespace mneme
