#include "layers/classifier.h"

#include <cmath>
#include <numeric>

#include "engine/base/suggest.h"
#include "layers/k_means.h"

namespace mneme {
namespace {

Tensor side_by_side(const std::vector<Tensor>& parts) { return parts.size() == 1 ? parts[0] : concat_columns(parts); }

constexpr std::pair<const char*, ClassifierKind> kind_names[] = {{"linear", ClassifierKind::linear},
                                                                 {"cosine", ClassifierKind::cosine},
                                                                 {"corrected", ClassifierKind::corrected},
                                                                 {"proxies", ClassifierKind::proxies}};

std::string head_name(size_t task) { return "heads." + std::to_string(task); }
std::string correction_name(size_t task) { return "correction." + std::to_string(task); }

/// Heads are named by task; the classes of the last head are the new ones.
Part part_among_heads(const std::string& name, size_t heads) {
  return name.starts_with(head_name(heads - 1) + ".") ? Part::new_classes : Part::old_classes;
}

double length_of(const std::vector<double>& v) {
  double squares = 0;
  for (const double x : v) squares += x * x;
  return std::max(std::sqrt(squares), 1e-12);
}

std::vector<double> direction_of(std::vector<double> v) {
  const double length = length_of(v);
  for (double& x : v) x /= length;
  return v;
}

/// The directions of the rows. Throws Error if there are no rows.
std::vector<std::vector<double>> directions_of(const ClassFeatures& features) {
  MNEME_CHECK(!features.empty(), "imprint: a new class has no images");
  std::vector<std::vector<double>> directions;
  for (const std::vector<float>& row : features) directions.push_back(direction_of({row.begin(), row.end()}));
  return directions;
}

/// The direction of the mean of the rows' directions.
std::vector<double> mean_direction(const ClassFeatures& features) {
  const std::vector<std::vector<double>> directions = directions_of(features);
  std::vector<double> sum(directions[0].size(), 0.0);
  for (const std::vector<double>& d : directions)
    for (size_t k = 0; k < sum.size(); ++k) sum[k] += d[k];
  return direction_of(sum);
}

std::vector<double> row_lengths(const Tensor& matrix) {
  const std::vector<double> values = matrix.values();
  std::vector<double> lengths;
  for (auto row = values.begin(); row != values.end(); row += matrix.dim(1))
    lengths.push_back(length_of({row, row + matrix.dim(1)}));
  return lengths;
}

double mean_row_length(const std::vector<Tensor>& matrices) {
  std::vector<double> lengths;
  for (const Tensor& matrix : matrices)
    for (const double length : row_lengths(matrix)) lengths.push_back(length);
  return lengths.empty() ? 1.0
                         : std::accumulate(lengths.begin(), lengths.end(), 0.0) / static_cast<double>(lengths.size());
}

void set_all(Tensor& tensor, double value) { tensor.copy_from(Tensor::full(tensor.shape(), value, tensor.options())); }

/// Appends the weights of a head whose logits are corrected by z -> alpha z + beta.
void add_weights(std::vector<ClassWeight>& all, const Linear& head, double alpha = 1, double beta = 0) {
  const std::vector<double> lengths = row_lengths(head.weight), biases = head.bias.values();
  for (size_t c = 0; c < lengths.size(); ++c) all.push_back({std::abs(alpha) * lengths[c], alpha * biases[c] + beta});
}

}  // namespace

void Classifier::imprint(const std::vector<ClassFeatures>&, RandomKey) {
  fail("this classifier's weights are no directions of features, so they cannot be imprinted; choose cosine heads");
}

void Classifier::reserve(std::span<const int>, Factory&) {
  fail_usage(
      "this method's --as-released makes the weights of all classes at once, which linear heads alone can: leave "
      "out --classifier");
}

void LinearHeads::add_classes(int classes, Factory& factory) {
  if (reserved.empty()) {
    heads.emplace_back(feature_size, classes, factory);
    return;
  }
  MNEME_CHECK(reserved[0].weight.dim(0) == classes, "weights of {} classes are reserved for a task of {}",
              reserved[0].weight.dim(0), classes);
  heads.push_back(reserved[0]);
  reserved.erase(reserved.begin());
}

void LinearHeads::reserve(std::span<const int> task_sizes, Factory& factory) {
  for (const int classes : task_sizes) reserved.emplace_back(feature_size, classes, factory);
}

Scores LinearHeads::forward(const Tensor& features) const {
  std::vector<Tensor> parts, weights;
  for (const Linear& head : heads) {
    parts.push_back(head(features));
    weights.push_back(head.weight);
  }
  return {side_by_side(parts), {}, std::move(weights)};
}

std::vector<ClassWeight> LinearHeads::class_weights() const {
  std::vector<ClassWeight> all;
  for (const Linear& head : heads) add_weights(all, head);
  return all;
}

Part LinearHeads::part_of(const std::string& name) const {
  for (size_t i = heads.size(); i < heads.size() + reserved.size(); ++i)
    if (name.starts_with(head_name(i) + ".")) return Part::later_classes;
  return part_among_heads(name, heads.size());
}

void LinearHeads::each_state(const std::string& at, const Visit& visit) {
  size_t task = 0;
  for (auto* some : {&heads, &reserved})
    for (Linear& head : *some) head.each_state(join(at, head_name(task++)), visit);
}

void CosineHeads::add_classes(int classes, Factory& factory) {
  weights.push_back(factory.uniform({classes, feature_size}, 1 / std::sqrt(static_cast<double>(feature_size))));
}

Tensor CosineHeads::cosines_with(const Tensor& features) const {
  const Tensor directions = normalize_rows(features);
  std::vector<Tensor> parts;
  for (const Tensor& weight : weights) parts.push_back(linear(directions, normalize_rows(weight), {}));
  return side_by_side(parts);
}

Scores CosineHeads::forward(const Tensor& features) const {
  const Tensor cosines = cosines_with(features);
  return {mul(cosines, scale), cosines, weights, scale};
}

/// Only the directions of the weights matter, so the scale is the length for every class.
std::vector<ClassWeight> CosineHeads::class_weights() const {
  std::vector<ClassWeight> all;
  for (const Tensor& weight : weights) all.insert(all.end(), static_cast<size_t>(weight.dim(0)), {scale.item(), 0});
  return all;
}

Part CosineHeads::part_of(const std::string& name) const {
  return name == "scale" ? Part::scale : part_among_heads(name, weights.size());
}

void CosineHeads::set_new_weights(const std::vector<double>& rows, int64_t per_class) {
  Tensor& weight = weights.back();
  MNEME_CHECK(static_cast<int64_t>(rows.size()) == weight.size(), "imprint: features of {} classes for {} new ones",
              static_cast<int64_t>(rows.size()) / (per_class * feature_size), weight.dim(0) / per_class);
  weight.copy_from(Tensor::from(rows, weight.shape(), weight.options()));
}

void CosineHeads::imprint(const std::vector<ClassFeatures>& classes, RandomKey) {
  const double length = mean_row_length({weights.begin(), weights.end() - 1});
  std::vector<double> rows;
  for (const ClassFeatures& features : classes)
    for (const double x : mean_direction(features)) rows.push_back(length * x);
  set_new_weights(rows, 1);
}

void CosineHeads::reset() { set_all(scale, 1); }

void CosineHeads::each_state(const std::string& at, const Visit& visit) {
  for (size_t i = 0; i < weights.size(); ++i)
    visit(join(at, head_name(i) + ".weight"), weights[i], StateKind::parameter);
  visit(join(at, "scale"), scale, StateKind::parameter);
}

void ProxyHeads::add_classes(int classes, Factory& factory) {
  const double deviation = 1 / std::sqrt(static_cast<double>(feature_size));
  weights.push_back(factory.normal({int64_t{classes} * proxies, feature_size}, deviation));
}

Scores ProxyHeads::forward(const Tensor& features) const {
  const Tensor cosines = cosines_with(features);
  const int64_t images = cosines.dim(0), classes = cosines.dim(1) / proxies;
  // Rounding may make a distance negative.
  const Tensor distances = clamp_min(add_scalar(mneme::scale(cosines, -2), 2), 0);
  const Tensor near = reshape(mneme::scale(distances, -1), {images * classes, proxies});
  const Tensor similarities = reshape(sum_last(mul(softmax(near), near)), {images, classes});
  return {mul(similarities, scale), similarities, {}, scale};
}

std::vector<ClassWeight> ProxyHeads::class_weights() const {
  const std::vector<ClassWeight> per_proxy = CosineHeads::class_weights();
  return {per_proxy.begin(), per_proxy.begin() + static_cast<std::ptrdiff_t>(per_proxy.size()) / proxies};
}

void ProxyHeads::imprint(const std::vector<ClassFeatures>& classes, RandomKey key) {
  const double length = mean_row_length({weights.begin(), weights.end() - 1});
  uint32_t label = 0;
  for (size_t t = 0; t + 1 < weights.size(); ++t) label += static_cast<uint32_t>(weights[t].dim(0) / proxies);
  std::vector<double> rows;
  for (const ClassFeatures& features : classes)
    for (const std::vector<double>& centre : k_means(directions_of(features), proxies, {key, label++}))
      for (const double x : centre) rows.push_back(length * x);
  set_new_weights(rows, proxies);
}

void CorrectedHeads::add_classes(int classes, Factory& factory) {
  LinearHeads::add_classes(classes, factory);
  alpha.push_back(factory.constant({1}, 1));
  beta.push_back(factory.constant({1}, 0));
}

Scores CorrectedHeads::forward(const Tensor& features) const {
  std::vector<Tensor> parts, weights;
  for (size_t i = 0; i < heads.size(); ++i) {
    parts.push_back(add(mul(heads[i](features), alpha[i]), beta[i]));
    weights.push_back(heads[i].weight);
  }
  return {side_by_side(parts), {}, std::move(weights)};
}

std::vector<ClassWeight> CorrectedHeads::class_weights() const {
  std::vector<ClassWeight> all;
  for (size_t i = 0; i < heads.size(); ++i) add_weights(all, heads[i], alpha[i].item(), beta[i].item());
  return all;
}

Part CorrectedHeads::part_of(const std::string& name) const {
  if (!name.starts_with("correction.")) return LinearHeads::part_of(name);
  return name.starts_with(correction_name(heads.size() - 1) + ".") ? Part::correction : Part::settled;
}

void CorrectedHeads::reset() {
  for (Tensor& a : alpha) set_all(a, 1);
  for (Tensor& b : beta) set_all(b, 0);
}

void CorrectedHeads::each_state(const std::string& at, const Visit& visit) {
  LinearHeads::each_state(at, visit);
  for (size_t i = 0; i < alpha.size(); ++i) {
    visit(join(at, correction_name(i) + ".alpha"), alpha[i], StateKind::parameter);
    visit(join(at, correction_name(i) + ".beta"), beta[i], StateKind::parameter);
  }
}

ClassifierKind classifier_named(const std::string& name) { return choose_by_name("classifier", name, kind_names); }
const char* name_of(ClassifierKind kind) { return name_among(kind_names, kind); }

std::unique_ptr<Classifier> make_classifier(ClassifierKind kind, int64_t features, Factory& factory) {
  switch (kind) {
    case ClassifierKind::cosine: return std::make_unique<CosineHeads>(features, factory);
    case ClassifierKind::corrected: return std::make_unique<CorrectedHeads>(features);
    case ClassifierKind::proxies: return std::make_unique<ProxyHeads>(features, factory);
    case ClassifierKind::linear: break;
  }
  return std::make_unique<LinearHeads>(features);
}

}  // namespace mneme
