#include "incremental/memory/neural_gas.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/stop.h"
#include "incremental/memory/sampling.h"

namespace mneme {
namespace {

using Rows = std::vector<std::vector<float>>;
using Vertices = std::vector<std::vector<double>>;

double squared_distance(const std::vector<double>& vertex, const std::vector<float>& feature) {
  double sum = 0;
  for (size_t d = 0; d < vertex.size(); ++d) sum += (vertex[d] - feature[d]) * (vertex[d] - feature[d]);
  return sum;
}

/// All vertices with their squared distances to the feature, the nearest first.
std::vector<std::pair<double, size_t>> nearest_first(const Vertices& vertices, const std::vector<float>& feature) {
  stop_if_asked();
  std::vector<std::pair<double, size_t>> ranked;
  for (size_t v = 0; v < vertices.size(); ++v) ranked.emplace_back(squared_distance(vertices[v], feature), v);
  std::ranges::sort(ranked);
  return ranked;
}

void attract(Vertices& vertices, const std::vector<float>& feature, const NeuralGasOptions& options) {
  double share = options.step;
  for (const auto& [distance, v] : nearest_first(vertices, feature)) {
    for (size_t d = 0; d < feature.size(); ++d) vertices[v][d] += share * (feature[d] - vertices[v][d]);
    share *= std::exp(-1 / options.decay);
  }
}

/// The vertices sorted by the number of images that are nearest to them, largest first.
Vertices fullest_first(const Vertices& vertices, const Rows& features) {
  // Minus the number of images, so that an ascending sort gives this order.
  std::vector<std::pair<int, size_t>> emptiness;
  for (size_t v = 0; v < vertices.size(); ++v) emptiness.emplace_back(0, v);
  for (const auto& feature : features) --emptiness[nearest_first(vertices, feature).front().second].first;
  std::ranges::sort(emptiness);
  Vertices sorted;
  for (const auto& [minus_images, v] : emptiness) sorted.push_back(vertices[v]);
  return sorted;
}

/// Finds the image nearest to the vertex among those not taken, and marks it as taken.
Exemplar take_nearest(const std::vector<double>& vertex, const Rows& features, std::vector<bool>& taken) {
  stop_if_asked();
  Exemplar nearest{-1, std::numeric_limits<double>::infinity()};
  for (size_t i = 0; i < features.size(); ++i) {
    if (taken[i]) continue;
    const double distance = std::sqrt(squared_distance(vertex, features[i]));
    if (nearest.index < 0 || distance < nearest.distance) nearest = {static_cast<int>(i), distance};
  }
  taken[static_cast<size_t>(nearest.index)] = true;
  return nearest;
}

}  // namespace

std::vector<Exemplar> neural_gas(const Rows& features, int count, const std::function<uint32_t(uint32_t)>& draw,
                                 const NeuralGasOptions& options) {
  const auto images = static_cast<int>(features.size());
  Vertices vertices;
  for (const int i : draw_some(images, std::min(count, images), draw)) {
    const auto& feature = features[static_cast<size_t>(i)];
    vertices.emplace_back(feature.begin(), feature.end());
  }
  for (int turn = 0; turn < options.epochs; ++turn)
    for (const int i : draw_some(images, images, draw)) attract(vertices, features[static_cast<size_t>(i)], options);
  std::vector<bool> taken(features.size(), false);
  std::vector<Exemplar> picks;
  for (const auto& vertex : fullest_first(vertices, features)) picks.push_back(take_nearest(vertex, features, taken));
  return picks;
}

}  // namespace mneme
