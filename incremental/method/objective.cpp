#include "incremental/method/objective.h"

#include <algorithm>
#include <cmath>

#include "engine/ops.h"

namespace mneme {
namespace {

using Terms = std::vector<WeightedTerm>;

template <class Test>
bool any_term(const Objective& objective, const Test& test) {
  return std::ranges::any_of(
      std::initializer_list<const Terms*>{&objective.prediction, &objective.distillation, &objective.validation},
      [&](const Terms* terms) {
        return std::ranges::any_of(*terms, [&](const WeightedTerm& t) { return test(*t.term); });
      });
}

/// Adds factor * weight * growth * loss for every active term. `total` may be undefined before.
void add_terms(Tensor& total, const Terms& terms, double factor, const BatchView& batch,
               const Objective::VisitTerm& visit = {}) {
  for (const WeightedTerm& t : terms) {
    if (!t.term->active(batch.task)) continue;
    const double weight = factor * t.weight * (t.growth ? t.growth(batch.task) : 1);
    const Tensor loss = t.term->loss(batch), weighted = weight == 1 ? loss : scale(loss, weight);
    if (visit) visit(weighted.detach());
    total = total ? add(total, weighted) : weighted;
  }
}

}  // namespace

double old_per_new(const TaskContext& task) {
  return std::sqrt(static_cast<double>(task.old_classes()) / task.new_classes());
}

double all_per_new(const TaskContext& task) {
  return std::sqrt(static_cast<double>(task.classes()) / task.new_classes());
}

bool Objective::needs_teacher() const {
  return any_term(*this, [](const LossTerm& term) { return term.needs_teacher(); });
}

bool Objective::needs_stage_start() const {
  return any_term(*this, [](const LossTerm& term) { return term.needs_stage_start(); });
}

int Objective::exemplars_beside(const TaskContext& task) const {
  int most = 0;
  if (!task.has_exemplars) return most;
  for (const Terms* terms : {&prediction, &distillation})
    for (const WeightedTerm& t : *terms)
      if (t.term->active(task)) most = std::max(most, t.term->exemplars_beside());
  return most;
}

bool Objective::is_cross_entropy(const TaskContext& task) const {
  const auto speaks = [&](const WeightedTerm& t) { return t.term->active(task); };
  const bool held =
      std::ranges::any_of(regularisers, [&](const NamedRegulariser& r) { return r.regulariser->active(task); });
  if (held || std::ranges::any_of(distillation, speaks) || std::ranges::count_if(prediction, speaks) != 1) return false;
  const WeightedTerm& only = *std::ranges::find_if(prediction, speaks);
  return only.weight == 1 && !only.growth && only.term->is_cross_entropy(task);
}

Objective::MetaLearnedPart Objective::meta_learned(const TaskContext& task) const {
  if (task.task == 0) return {};
  const double share = balance == Balance::rho ? 1 - task.rho() : 1;
  for (const WeightedTerm& t : prediction)
    if (MetaLearnedTerm* term = t.term->meta_learned()) return {term, share * t.weight};
  return {};
}

void Objective::begin_task(const TaskContext& task) const {
  for (const Terms* terms : {&prediction, &distillation, &validation})
    for (const WeightedTerm& t : *terms) t.term->begin_task(task);
  for (const NamedRegulariser& r : regularisers)
    if (LossTerm* watched = r.regulariser->watched()) watched->begin_task(task);
}

Tensor Objective::loss(const BatchView& batch, const VisitTerm& visit) const {
  const double rho = batch.task.rho();
  const bool weighted = balance == Balance::rho;
  Tensor total;
  add_terms(total, prediction, weighted ? 1 - rho : 1, batch, visit);
  add_terms(total, distillation, weighted ? rho : 1, batch, visit);
  return total;
}

std::vector<std::string> Objective::active_terms(const TaskContext& task) const {
  std::vector<std::string> names;
  for (const Terms* terms : {&prediction, &distillation})
    for (const WeightedTerm& t : *terms)
      if (t.term->active(task)) names.push_back(t.name);
  return names;
}

std::vector<std::pair<std::string, double>> Objective::numbers(const TaskContext& task) const {
  std::vector<std::pair<std::string, double>> numbers;
  if (balance == Balance::rho && task.task > 0) numbers.emplace_back("rho", task.rho());
  for (const Terms* terms : {&prediction, &distillation})
    for (const WeightedTerm& t : *terms)
      if (t.growth && t.term->active(task)) numbers.emplace_back("lambda_t of " + t.name, t.weight * t.growth(task));
  if (const MetaLearnedTerm* term = meta_learned(task).term) numbers.emplace_back("alpha", term->number());
  return numbers;
}

Tensor Objective::validation_loss(const BatchView& batch) const {
  if (validation.empty()) return loss(batch);
  Tensor total;
  add_terms(total, validation, 1, batch);
  return total;
}

double Objective::penalties(const ParameterBlock& block) const {
  double total = 0;
  if (!validation.empty()) return total;
  for (const NamedRegulariser& r : regularisers)
    if (const Tensor penalty = r.regulariser->penalty(block)) total += penalty.item();
  return total;
}

}  // namespace mneme
