#include "incremental/method/method.h"

#include <algorithm>

namespace mneme {
namespace {

/// Calls visit(name, part) for all parts of a recipe that may carry something.
template <class VisitPart>
void each_part(Recipe& recipe, const VisitPart& visit) {
  for (auto* terms : {&recipe.prediction, &recipe.distillation})
    for (WeightedTerm& t : *terms) visit(t.name, *t.term);
  for (NamedRegulariser& r : recipe.regularisers) visit(r.name, *r.regulariser);
  visit("prediction rule", *recipe.rule);
}

}  // namespace

Learns Recipe::learns(const TaskContext& task) const {
  Learns out;
  out.backbone = !freeze_backbone_after || task.task <= *freeze_backbone_after;
  out.kernel_scales = network.kernel_scales && task.task > 0;
  out.old_classes = trainable == Trainable::all || (trainable == Trainable::standard && task.has_exemplars);
  return out;
}

bool Recipe::asks_old_model() const {
  TaskContext later;
  later.task = 1;
  later.task_sizes = {1, 1};
  return std::ranges::any_of(stages_of(*this, {}, later), [](const Stage& s) { return s.objective.needs_teacher(); });
}

bool Recipe::gathers_while_training() const {
  return std::ranges::any_of(regularisers,
                             [](const NamedRegulariser& r) { return r.regulariser->gathers_while_training(); });
}

void Recipe::grow(IncrementalNet& net) {
  each_part(*this, [&](const std::string&, MethodPart& part) { part.grow(net); });
}

void Recipe::end_task(const TaskEnd& end) {
  each_part(*this, [&](const std::string&, MethodPart& part) { part.end_task(end); });
}

void Recipe::each_state(const std::string& at, const Visit& visit) {
  each_part(*this, [&](const std::string& name, MethodPart& part) { part.each_state(join(at, name), visit); });
}

void Recipe::each_returning_state(const std::string& at, const Visit& visit) {
  each_part(*this, [&](const std::string& name, MethodPart& part) {
    if (part.returns_with_best()) part.each_state(join(at, name), visit);
  });
}

}  // namespace mneme
