#include "incremental/losses/primitives.h"

#include <numeric>

#include "engine/choose.h"

namespace mneme {
namespace {

void check_pair(const char* name, const Tensor& student, const Tensor& teacher) {
  MNEME_CHECK(student.shape() == teacher.shape() && student.rank() == 2,
              "{}: student {} and teacher {} must be the same (N, K)", name, student.shape().text(),
              teacher.shape().text());
}

/// The largest value of each row, (N, 1).
Tensor largest(const Tensor& x) { return gather(x, topk(x.detach(), 1)); }

/// x (N, K) with the values of `put` (N, 1) in the columns of the labels.
Tensor with_at_labels(const Tensor& x, const Tensor& labels, const Tensor& put) {
  const Tensor at = one_hot(labels, 0, x.dim(1), x.options()), elsewhere = add_scalar(scale(at, -1), 1);
  return add(mul(x, elsewhere), mul(at, put));
}

void check_maps(const Tensor& student, const Tensor& teacher) {
  MNEME_CHECK(student.shape() == teacher.shape() && student.rank() == 4,
              "pod_spatial: student {} and teacher {} must be the same (N, C, H, W)", student.shape().text(),
              teacher.shape().text());
}

/// mean_b || a_b/||a_b|| - b_b/||b_b|| ||, with gradient 0 where the directions agree.
Tensor distance_of_directions(const Tensor& a, const Tensor& b) {
  const Tensor gap = sub(normalize_rows(a), normalize_rows(b));
  // With a constant second factor, <d, d/||d||> has the value and the gradient of ||d||, and gradient 0 where d is 0.
  return scale(sum(mul(gap, normalize_rows(gap.detach()))), 1 / static_cast<double>(a.dim(0)));
}

double entries(const Tensor& x) { return static_cast<double>(x.size()); }
double rows(const Tensor& x) { return static_cast<double>(x.dim(0)); }

}  // namespace

Tensor cross_entropy(const Tensor& logits, const Tensor& labels) { return mean(softmax_cross_entropy(logits, labels)); }

Tensor balanced_cross_entropy(const Tensor& logits, const Tensor& labels, const Tensor& log_weights) {
  return mean(softmax_cross_entropy(logits, labels, log_weights));
}

Tensor weighted_cross_entropy(const Tensor& logits, const Tensor& labels, const Tensor& weights) {
  const Tensor of_label =
      matmul(one_hot(labels, 0, logits.dim(1), logits.options()), reshape(weights, {weights.size(), 1}));
  return mean(mul(softmax_cross_entropy(logits, labels), of_label));
}

Tensor separated_cross_entropy(const Tensor& logits, const Tensor& labels, int64_t old_classes) {
  constexpr double far_below = -1e30;  // its exponential is 0 next to any real logit
  const int64_t new_classes = logits.dim(1) - old_classes;
  const auto row = [&](double at_old, double at_new) {
    return concat_columns({Tensor::full({1, old_classes}, at_old, logits.options()),
                           Tensor::full({1, new_classes}, at_new, logits.options())});
  };
  const Tensor is_old = marks_below(labels, old_classes, logits.options()), is_new = add_scalar(scale(is_old, -1), 1);
  const Tensor left_out = add(mul(is_old, row(0, far_below)), mul(is_new, row(far_below, 0)));
  return mean(softmax_cross_entropy(add(logits, left_out), labels));
}

Tensor distillation(const Tensor& student, const Tensor& teacher, double temperature, double eps) {
  check_pair("distillation", student, teacher);
  MNEME_CHECK(temperature > 0 && eps >= 0, "distillation: temperature {} must be positive and eps {} not negative",
              temperature, eps);
  const Tensor q = softmax(scale(teacher.detach(), 1 / temperature));
  const Tensor z = scale(student, 1 / temperature);
  const double n = static_cast<double>(student.dim(1));
  const Tensor log_p = eps > 0 ? log(scale(add_scalar(softmax(z), eps / n), 1 / (1 + eps))) : log_softmax(z);
  return scale(sum(mul(q, log_p)), -1 / rows(student));
}

Tensor divergence(const Tensor& student, const Tensor& teacher, double temperature) {
  check_pair("divergence", student, teacher);
  MNEME_CHECK(temperature > 0, "divergence: temperature {} must be positive", temperature);
  const Tensor log_q = log_softmax(scale(teacher.detach(), 1 / temperature));
  const Tensor q = softmax(scale(teacher.detach(), 1 / temperature));
  const Tensor log_p = log_softmax(scale(student, 1 / temperature));
  return scale(sum(mul(q, sub(log_q, log_p))), 1 / rows(student));
}

Tensor binary_distillation(const Tensor& student, const Tensor& teacher) {
  check_pair("binary_distillation", student, teacher);
  const Tensor target = sigmoid(teacher.detach());
  return scale(sum(sub(softplus(student), mul(target, student))), 1 / entries(student));
}

Tensor binary_prediction(const Tensor& logits, const Tensor& labels, int64_t first) {
  const Tensor target = one_hot(labels, first, logits.dim(1), logits.options());
  return scale(sum(sub(softplus(logits), mul(target, logits))), 1 / entries(logits));
}

Tensor binary_distillation_of_softmax(const Tensor& student, const Tensor& teacher, double temperature) {
  check_pair("binary_distillation_of_softmax", student, teacher);
  const Tensor q = softmax(scale(teacher.detach(), 1 / temperature)), p = softmax(scale(student, 1 / temperature));
  const auto others = [](const Tensor& x) { return add_scalar(scale(x, -1), 1); };
  const auto safe_log = [](const Tensor& x) { return log(clamp_min(x, 1e-37)); };
  const Tensor agreement = add(mul(q, safe_log(p)), mul(others(q), safe_log(others(p))));
  return scale(sum(agreement), -1 / entries(student));
}

Tensor attention_map(const Tensor& features, const Tensor& alpha) {
  MNEME_CHECK(features.rank() == 4 && alpha.shape() == Shape({features.dim(0), features.dim(1)}),
              "attention_map: features {} need one weight per image and channel, got {}", features.shape().text(),
              alpha.shape().text());
  const int64_t n = features.dim(0), c = features.dim(1), pixels = features.dim(2) * features.dim(3);
  const Tensor weighted = mul(reshape(features, {n, c, pixels}), reshape(alpha, {n, c, 1}));
  return relu(reshape(sum_to_size(weighted, {n, 1, pixels}), {n, pixels}));
}

Tensor attention_distance(const Tensor& student, const Tensor& teacher) {
  check_pair("attention_distance", student, teacher);
  return scale(sum(abs(sub(normalize_rows(teacher.detach()), normalize_rows(student)))), 1 / rows(student));
}

Tensor cosine_distance(const Tensor& student, const Tensor& teacher) {
  check_pair("cosine_distance", student, teacher);
  const Tensor agreement = sum(mul(normalize_rows(student), normalize_rows(teacher.detach())));
  return add_scalar(scale(agreement, -1 / rows(student)), 1);
}

Tensor squared_distance(const Tensor& student, const Tensor& teacher) {
  check_pair("squared_distance", student, teacher);
  return scale(sum(square(sub(student, teacher.detach()))), 1 / rows(student));
}

Tensor pod_spatial(const Tensor& student, const Tensor& teacher) {
  check_maps(student, teacher);
  return distance_of_directions(strip_energies(student), strip_energies(teacher.detach()));
}

Tensor pod_spatial_apart(const Tensor& student, const Tensor& teacher) {
  check_maps(student, teacher);
  const Tensor a = strip_energies(student), b = strip_energies(teacher.detach());
  const int64_t of_rows = student.dim(1) * student.dim(2), all = a.dim(1);
  const auto part = [&](int64_t begin, int64_t end) {
    return distance_of_directions(slice_columns(a, begin, end), slice_columns(b, begin, end));
  };
  return add(part(0, of_rows), part(of_rows, all));
}

Tensor topology(const Tensor& student, const Tensor& teacher) {
  check_pair("topology", student, teacher);
  const int64_t vertices = student.dim(0);
  MNEME_CHECK(student.dim(1) == vertices, "topology: similarities must be (V, V), got {}", student.shape().text());
  if (vertices < 3) return Tensor::full({}, 0, student.options());
  std::vector<int> own(static_cast<size_t>(vertices));
  std::iota(own.begin(), own.end(), 0);
  const Tensor loops = one_hot(Tensor::from(own, {vertices}, student.device()), 0, vertices, student.options());
  // Each edge counts twice, which does not change the correlation.
  const Tensor edges = add_scalar(scale(loops, -1), 1);
  const auto centred = [&](const Tensor& s) {
    const Tensor level = scale(sum(mul(s, edges)), 1 / static_cast<double>(vertices * (vertices - 1)));
    return mul(sub(s, level), edges);
  };
  const auto length = [](const Tensor& c) { return sqrt(clamp_min(sum(square(c)), 1e-12)); };
  const Tensor c = centred(student), ch = centred(teacher.detach());
  return scale(div(sum(mul(c, ch)), mul(length(c), length(ch))), -1);
}

Tensor nca(const Tensor& logits, const Tensor& labels, const Tensor& margin) {
  constexpr double far_below = -1e30;  // its exponential is 0 next to any real logit
  const Tensor others = with_at_labels(logits, labels, Tensor::full({logits.dim(0), 1}, far_below, logits.options()));
  const Tensor hardest = topk(others.detach(), 1);
  const Tensor log_sum = add(softmax_cross_entropy(others, reshape(hardest, {logits.dim(0)})), gather(others, hardest));
  return mean(relu(add(sub(log_sum, gather(logits, labels)), margin)));
}

Tensor nca_as_released(const Tensor& logits, const Tensor& labels) {
  const Tensor most = largest(logits), others = with_at_labels(logits, labels, most);
  return mean(add(softmax_cross_entropy(others, labels), sub(most, gather(logits, labels))));
}

Tensor margin_ranking(const Tensor& cosines, const Tensor& labels, int64_t old_classes, double margin,
                      int64_t hardest) {
  const Tensor new_cosines = slice_columns(cosines, old_classes, cosines.dim(1));
  const int64_t k = std::min(hardest, new_cosines.dim(1));
  const Tensor rivals = gather(new_cosines, topk(new_cosines.detach(), k));
  const Tensor gaps = relu(add_scalar(sub(rivals, gather(cosines, labels)), margin));
  const Tensor of_old = marks_below(labels, old_classes, cosines.options());
  const Tensor pairs = clamp_min(scale(sum(of_old), static_cast<double>(k)), 1);
  return div(sum(mul(gaps, of_old)), pairs);
}

}  // namespace mneme
