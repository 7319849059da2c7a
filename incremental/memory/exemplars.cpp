#include "incremental/memory/exemplars.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/base/stop.h"
#include "engine/base/suggest.h"
#include "incremental/memory/neural_gas.h"
#include "incremental/memory/sampling.h"

namespace mneme {
namespace {

using Rows = std::vector<std::vector<float>>;

constexpr double smallest_norm = 1e-12;
constexpr int most_repicks = 1000;

/// Rows scaled to unit length, and their mean, which is not scaled again.
struct UnitFeatures {
  std::vector<std::vector<double>> rows;
  std::vector<double> mean;
};

UnitFeatures unit_features(const Rows& features) {
  UnitFeatures out;
  out.mean.assign(features.empty() ? 0 : features[0].size(), 0.0);
  for (const auto& row : features) {
    double squares = 0;
    for (float v : row) squares += double{v} * v;
    const double norm = std::max(std::sqrt(squares), smallest_norm);
    std::vector<double> unit(row.size());
    for (size_t d = 0; d < row.size(); ++d) out.mean[d] += unit[d] = row[d] / norm;
    out.rows.push_back(std::move(unit));
  }
  for (double& m : out.mean) m /= static_cast<double>(features.size());
  return out;
}

double distance_with(const UnitFeatures& g, const std::vector<double>& picked, size_t i, double k) {
  double squares = 0;
  for (size_t d = 0; d < g.mean.size(); ++d) {
    const double gap = g.mean[d] - (picked[d] + g.rows[i][d]) / k;
    squares += gap * gap;
  }
  return std::sqrt(squares);
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Negative entropy sum p ln p of softmax(logits); a small value means that the network is uncertain.
double negative_entropy(const std::vector<float>& logits) {
  const double most = *std::max_element(logits.begin(), logits.end());
  double total = 0, weighted = 0;
  for (float z : logits) {
    const double e = std::exp(z - most);
    total += e;
    weighted += e * (z - most);
  }
  return weighted / total - std::log(total);  // no logarithm of a probability is taken, so p = 0 needs no special case
}

std::vector<Exemplar> smallest(const std::vector<double>& scores, int count) {
  std::vector<int> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return scores[static_cast<size_t>(a)] < scores[static_cast<size_t>(b)]; });
  std::vector<Exemplar> picks;
  for (int i = 0; i < count; ++i)
    picks.push_back({order[static_cast<size_t>(i)], scores[static_cast<size_t>(order[static_cast<size_t>(i)])]});
  return picks;
}

std::vector<Exemplar> pick_randomly(size_t n, int count, const std::function<uint32_t(uint32_t)>& draw) {
  std::vector<Exemplar> picks;
  for (const int index : draw_some(static_cast<int>(n), count, draw)) picks.push_back({index, 0});
  return picks;
}

std::vector<double> scores_of(Selection selection, const Candidates& candidates) {
  std::vector<double> scores;
  for (const auto& logits : candidates.logits)
    scores.push_back(selection == Selection::entropy ? negative_entropy(logits)
                                                     : logits[static_cast<size_t>(candidates.label)]);
  return scores;
}

constexpr std::pair<const char*, Selection> selection_names[] = {{"random", Selection::random},
                                                                 {"herding", Selection::herding},
                                                                 {"herding-repicked", Selection::herding_repicked},
                                                                 {"entropy", Selection::entropy},
                                                                 {"distance", Selection::distance},
                                                                 {"first", Selection::first},
                                                                 {"neural-gas", Selection::neural_gas}};

std::vector<Exemplar> pick_first(int count) {
  std::vector<Exemplar> picks;
  for (int i = 0; i < count; ++i) picks.push_back({i, 0});
  return picks;
}

}  // namespace

int MemoryBudget::per_class(int classes) const {
  if (kind == Kind::none) return 0;
  if (kind == Kind::per_class) return images;
  const int sharing = std::max(classes, shared_by);
  const int share = round_up || fill ? (images + sharing - 1) / sharing : images / sharing;
  if (share < 1 || (fill && images < sharing))
    fail_usage("--memory-total {} leaves no exemplar for each of {} classes: give at least {}", images, sharing,
               sharing);
  return share;
}

Selection selection_named(const std::string& name) {
  return choose_by_name("exemplar selection", name, selection_names);
}
const char* name_of(Selection selection) { return name_among(selection_names, selection); }
bool needs_network(Selection selection) { return selection != Selection::random && selection != Selection::first; }

std::vector<Exemplar> herd(const Rows& features, int count) {
  const UnitFeatures g = unit_features(features);
  std::vector<bool> taken(features.size(), false);
  std::vector<double> picked(g.mean.size(), 0.0);
  std::vector<Exemplar> picks;
  while (static_cast<int>(picks.size()) < std::min<int>(count, static_cast<int>(features.size()))) {
    stop_if_asked();
    Exemplar best{-1, std::numeric_limits<double>::infinity()};
    for (size_t i = 0; i < features.size(); ++i) {
      if (taken[i]) continue;
      const double distance = distance_with(g, picked, i, static_cast<double>(picks.size() + 1));
      if (best.index < 0 || distance < best.distance) best = {static_cast<int>(i), distance};
    }
    const auto chosen = static_cast<size_t>(best.index);
    taken[chosen] = true;
    for (size_t d = 0; d < picked.size(); ++d) picked[d] += g.rows[chosen][d];
    picks.push_back(best);
  }
  return picks;
}

std::vector<Exemplar> herd_repicked(const Rows& features, int count) {
  const UnitFeatures g = unit_features(features);
  std::vector<bool> taken(features.size(), false);
  std::vector<double> target = g.mean;
  std::vector<Exemplar> picks;
  const int wanted = std::min<int>(count, static_cast<int>(features.size()));
  for (int round = 0; round < most_repicks && static_cast<int>(picks.size()) < wanted; ++round) {
    stop_if_asked();
    size_t best = 0;
    for (size_t i = 1; i < features.size(); ++i)
      if (dot(target, g.rows[i]) > dot(target, g.rows[best])) best = i;
    if (!taken[best]) picks.push_back({static_cast<int>(best), 1 - dot(g.mean, g.rows[best])});
    taken[best] = true;
    for (size_t d = 0; d < target.size(); ++d) target[d] += g.mean[d] - g.rows[best][d];
  }
  return picks;
}

std::vector<Exemplar> select_exemplars(Selection selection, const Candidates& candidates, int count,
                                       const std::function<uint32_t(uint32_t)>& draw, const NeuralGasOptions& gas) {
  const int wanted = std::min<int>(count, static_cast<int>(candidates.indices.size()));
  std::vector<Exemplar> picks;
  switch (selection) {
    case Selection::first: picks = pick_first(wanted); break;
    case Selection::random: picks = pick_randomly(candidates.indices.size(), wanted, draw); break;
    case Selection::herding: picks = herd(candidates.features, wanted); break;
    case Selection::herding_repicked: picks = herd_repicked(candidates.features, wanted); break;
    case Selection::neural_gas: picks = neural_gas(candidates.features, wanted, draw, gas); break;
    case Selection::entropy:
    case Selection::distance: picks = smallest(scores_of(selection, candidates), wanted); break;
  }
  for (Exemplar& pick : picks) pick.index = candidates.indices[static_cast<size_t>(pick.index)];
  return picks;
}

bool ExemplarMemory::empty() const { return size() == 0; }

int ExemplarMemory::size() const {
  int total = 0;
  for (const auto& exemplars : classes_) total += static_cast<int>(exemplars.size());
  return total;
}

int ExemplarMemory::smallest() const {
  int fewest = classes_.empty() ? 0 : std::numeric_limits<int>::max();
  for (const auto& exemplars : classes_) fewest = std::min(fewest, static_cast<int>(exemplars.size()));
  return fewest;
}

void ExemplarMemory::set(int k, std::vector<Exemplar> exemplars) {
  if (static_cast<size_t>(k) >= classes_.size()) classes_.resize(static_cast<size_t>(k) + 1);
  classes_[static_cast<size_t>(k)] = std::move(exemplars);
}

void ExemplarMemory::truncate(int per_class) {
  for (auto& exemplars : classes_)
    if (static_cast<int>(exemplars.size()) > per_class) exemplars.resize(static_cast<size_t>(per_class));
}

void ExemplarMemory::shrink(int count) {
  for (auto& exemplars : classes_)
    exemplars.resize(static_cast<size_t>(
        std::min<int64_t>(std::ssize(exemplars), std::max<int64_t>(1, std::ssize(exemplars) - count))));
}

void ExemplarMemory::trim(int total) {
  const auto count = [](const std::vector<Exemplar>& exemplars) { return exemplars.size(); };
  for (int excess = size() - total; excess > 0; --excess) std::ranges::max_element(classes_, {}, count)->pop_back();
}

}  // namespace mneme
