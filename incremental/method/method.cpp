#include "incremental/method/method.h"

#include <algorithm>

namespace mneme {
namespace {

/// Calls visit(name, part) for all parts of a method that may keep state.
template <class VisitPart>
void each_part(Method& method, const VisitPart& visit) {
  for (auto* terms : {&method.prediction, &method.distillation})
    for (WeightedTerm& t : *terms) visit(t.name, *t.term);
  for (NamedRegulariser& r : method.regularisers) visit(r.name, *r.regulariser);
  visit("prediction rule", *method.rule);
}

}  // namespace

TrainableParts Method::trainable_parts(const TaskContext& task) const {
  TrainableParts out;
  out.backbone = !freeze_backbone_after || task.task <= *freeze_backbone_after;
  out.kernel_scales = network.kernel_scales && task.task > 0;
  out.later_classes = network.whole_head;
  out.old_classes = trainable == Trainable::all || (trainable == Trainable::standard && task.has_exemplars);
  return out;
}

bool Method::needs_teacher() const {
  TaskContext later;
  later.task = 1;
  later.task_sizes = {1, 1};
  return std::ranges::any_of(stages_of(*this, {}, later), [](const Stage& s) { return s.objective.needs_teacher(); });
}

bool Method::gathers_while_training() const {
  return std::ranges::any_of(regularisers,
                             [](const NamedRegulariser& r) { return r.regulariser->gathers_while_training(); });
}

void Method::on_classes_added(IncrementalNet& net) {
  each_part(*this, [&](const std::string&, MethodPart& part) { part.on_classes_added(net); });
}

void Method::end_task(const TaskEnd& end) {
  each_part(*this, [&](const std::string&, MethodPart& part) { part.end_task(end); });
}

void Method::each_state(const std::string& at, const Visit& visit) {
  each_part(*this,
            [&](const std::string& part_name, MethodPart& part) { part.each_state(join(at, part_name), visit); });
}

void Method::each_returning_state(const std::string& at, const Visit& visit) {
  each_part(*this, [&](const std::string& part_name, MethodPart& part) {
    if (part.returns_with_best()) part.each_state(join(at, part_name), visit);
  });
}

}  // namespace mneme
