#include "incremental/losses/primitives.h"

namespace mneme {
namespace {

void check_pair(const char* name, const Tensor& student, const Tensor& teacher) {
  MNEME_CHECK(student.shape() == teacher.shape() && student.rank() == 2,
              "{}: student {} and teacher {} must be the same (N, K)", name, student.shape().text(),
              teacher.shape().text());
}

double entries(const Tensor& x) { return static_cast<double>(x.size()); }
double rows(const Tensor& x) { return static_cast<double>(x.dim(0)); }

}  // namespace

Tensor cross_entropy(const Tensor& logits, const Tensor& labels) { return mean(softmax_cross_entropy(logits, labels)); }

Tensor balanced_cross_entropy(const Tensor& logits, const Tensor& labels, const Tensor& log_weights) {
  return mean(softmax_cross_entropy(logits, labels, log_weights));
}

Tensor distillation(const Tensor& student, const Tensor& teacher, double temperature, double eps) {
  check_pair("distillation", student, teacher);
  MNEME_CHECK(temperature > 0 && eps >= 0, "distillation: temperature {} must be positive and eps {} not negative",
              temperature, eps);
  const Tensor q = softmax(scale(teacher.detach(), 1 / temperature));
  const Tensor z = scale(student, 1 / temperature);
  const double n = static_cast<double>(student.dim(1));
  const Tensor log_p = eps > 0 ? log(scale(shift(softmax(z), eps / n), 1 / (1 + eps))) : log_softmax(z);
  return scale(sum(mul(q, log_p)), -1 / rows(student));
}

Tensor binary_distillation(const Tensor& student, const Tensor& teacher) {
  check_pair("binary_distillation", student, teacher);
  const Tensor target = sigmoid(teacher.detach());
  return scale(sum(sub(softplus(student), mul(target, student))), 1 / entries(student));
}

Tensor binary_prediction(const Tensor& logits, const Tensor& labels) {
  return scale(sub(sum(softplus(logits)), sum(pick(logits, labels))), 1 / entries(logits));
}

}  // namespace mneme
