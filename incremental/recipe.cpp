#include "incremental/recipe.h"

#include <algorithm>

#include "engine/ops.h"

namespace mneme {
namespace {

using Terms = std::vector<WeightedTerm>;

bool any_needs_teacher(const Terms& terms) {
  return std::ranges::any_of(terms, [](const WeightedTerm& t) { return t.term->needs_teacher(); });
}

/// Adds factor * weight * term for every active term; `total` may still be undefined.
void add_terms(Tensor& total, const Terms& terms, double factor, const BatchView& batch) {
  for (const WeightedTerm& t : terms) {
    if (!t.term->active(batch.task)) continue;
    const double weight = factor * t.weight;
    const Tensor loss = t.term->loss(batch), weighted = weight == 1 ? loss : scale(loss, weight);
    total = total ? add(total, weighted) : weighted;
  }
}

}  // namespace

bool Recipe::needs_teacher() const { return any_needs_teacher(prediction) || any_needs_teacher(distillation); }

bool Recipe::is_cross_entropy(const TaskContext& task) const {
  const bool silent = std::ranges::none_of(distillation, [&](const WeightedTerm& t) { return t.term->active(task); });
  return silent && prediction.size() == 1 && prediction[0].weight == 1 && prediction[0].term->is_cross_entropy(task);
}

void Recipe::grow(IncrementalNet& net) {
  for (const Terms* terms : {&prediction, &distillation})
    for (const WeightedTerm& t : *terms) t.term->grow(net);
}

void Recipe::each_state(const std::string& at, const Visit& visit) {
  for (const Terms* terms : {&prediction, &distillation})
    for (const WeightedTerm& t : *terms) t.term->each_state(join(at, t.name), visit);
}

void Recipe::begin_task(const TaskContext& task) const {
  for (const Terms* terms : {&prediction, &distillation})
    for (const WeightedTerm& t : *terms) t.term->begin_task(task);
}

Tensor Recipe::loss(const BatchView& batch) const {
  const double rho = batch.task.rho();
  const bool weighted = balance == Balance::rho;
  Tensor total;
  add_terms(total, prediction, weighted ? 1 - rho : 1, batch);
  add_terms(total, distillation, weighted ? rho : 1, batch);
  return total;
}

}  // namespace mneme
