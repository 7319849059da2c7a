// Properties of distillation losses with one softmax or sigmoid, with the papers' values, in double precision on the
// reference device. test_distill_terms.cpp tests the properties of terms over several tasks.

#include "tests/incremental/losses/loss_properties.h"

namespace mneme::test {
namespace {

constexpr double eps = 1e-5;
Tensor joint(const Tensor& z, const Tensor& zh, double e = eps) { return distillation(z, zh, 2, e); }
Tensor binary(const Tensor& z, const Tensor& zh) { return binary_distillation(z, zh); }

TEST_CASE("distillation of one sample by the book: value and gradient") {
  const Result kd = evaluated(row({0.3, -1, 2}), [](const Tensor& z) {
    return distillation(z, row({1, 0, 0.5}), 2, 1e-5);
  });
  CHECK(std::abs(kd.value - 1.2388595575) < 1e-10);
  check_near(kd.gradient, {-0.0801366, -0.0595425, 0.1396792}, 1e-7);
}

TEST_CASE("with T squared, the cross-entropy and KL forms of distillation and their gradient") {
  const Tensor teacher = row({0.5, 0.2, -0.3});
  const Result kd = evaluated(row({1, 0, -1}), [&](const Tensor& z) { return scale(distillation(z, teacher, 2), 4); });
  CHECK(std::abs(kd.value - 4.4605679723) < 1e-10);
  CHECK(std::abs(kd.value - 4 * entropy(teacher, 2) - 0.1182825641) < 1e-10);
  check_near(kd.gradient, {0.2227680, -0.0657334, -0.1570346}, 6e-8);
}

TEST_CASE("the divergence is distillation less the teacher's entropy, with its gradient, and nothing at the teacher") {
  const Tensor z = drawn("z", 3, 4), zh = drawn("zh", 3, 4);
  const Result kl = evaluated(z, [&](const Tensor& x) { return divergence(x, zh, 2); });
  const Result kd = evaluated(z, [&](const Tensor& x) { return distillation(x, zh, 2); });
  CHECK(std::abs(kl.value - (kd.value - entropy(zh, 2))) < 1e-12);
  check_near(kl.gradient, kd.gradient, 1e-15);
  CHECK(divergence(zh, zh, 2).item() == 0);
  CHECK(std::abs(4 * divergence(row({1, 0, -1}), row({.5, .2, -.3}), 2).item() - .1182825641) < 1e-10);
  CHECK_THROWS_WITH_AS((void)divergence(z, zh, 0), "divergence: temperature 0 must be positive", Error);
}

TEST_CASE("a shift of all old logits, student's or teacher's, is invisible to J and visible to the binary term") {
  const Tensor z = drawn("z", 3, 4), zh = drawn("zh", 3, 4);
  const auto unchanged = [&](const Tensor& a, const Tensor& b) {
    CHECK(std::abs(joint(a, b).item() - joint(z, zh).item()) < 1e-9);
  };
  const auto changed = [&](const Tensor& a, const Tensor& b) {
    CHECK(std::abs(binary(a, b).item() - binary(z, zh).item()) > 1e-2);
  };
  for (const double c : {0.7, -5.0, 100.0}) {
    unchanged(shifted(z, 0, 4, c), zh);
    unchanged(z, shifted(zh, 0, 4, c));
    changed(shifted(z, 0, 4, c), zh);
    changed(z, shifted(zh, 0, 4, c));
  }
}

TEST_CASE("a student like its teacher has gradient zero and the teacher's entropy as its loss") {
  const Tensor zh = drawn("zh", 3, 4);
  const Result j = evaluated(zh, [&](const Tensor& z) { return joint(z, zh, 0); });
  const Result b = evaluated(zh, [&](const Tensor& z) { return binary_distillation(z, zh); });
  check_near(j.gradient, std::vector<double>(12, 0.0), 1e-15);
  check_near(b.gradient, std::vector<double>(12, 0.0), 1e-15);
  CHECK(std::abs(j.value - entropy(zh, 2)) < 1e-12);
  const Tensor s = sigmoid(zh);
  const double binary_entropy =
      -mean(add(mul(s, log(s)), mul(add_scalar(scale(s, -1), 1), log(add_scalar(scale(s, -1), 1))))).item();
  CHECK(std::abs(b.value - binary_entropy) < 1e-12);
}

TEST_CASE("the binary term has one minimum, curved in every direction; J is flat along a common shift") {
  const Tensor zh = drawn("zh", 2, 4);
  const auto along = [&](auto loss, const Tensor& z, int64_t begin, int64_t end) {
    constexpr double h = 0.01;
    return loss(shifted(z, begin, end, h), zh).item() + loss(shifted(z, begin, end, -h), zh).item() -
           2 * loss(z, zh).item();
  };
  const auto j = [](const Tensor& a, const Tensor& b) { return joint(a, b, 0); };
  for (const char* name : {"u1", "u2", "u3"}) {
    const Tensor z = drawn(name, 2, 4);
    CHECK(binary(z, zh).item() > binary(zh, zh).item() + 1e-3);
    for (int64_t c = 0; c < 4; ++c) CHECK(along(binary, z, c, c + 1) > 1e-7);
    CHECK(std::abs(along(j, z, 0, 4)) < 1e-12);
    CHECK(along(j, z, 1, 2) > 1e-7);
  }
}

TEST_CASE("no factor T squared: T and all logits times k leave J unchanged and divide its gradient by k") {
  const Tensor z = drawn("z", 2, 5), zh = drawn("zh", 2, 5);
  const Result once = evaluated(z, [&](const Tensor& x) { return distillation(x, zh, 2, eps); });
  const Result scaled = evaluated(scale(z, 3), [&](const Tensor& x) { return distillation(x, scale(zh, 3), 6, eps); });
  CHECK(std::abs(once.value - scaled.value) < 1e-12);
  for (size_t i = 0; i < once.gradient.size(); ++i) CHECK(std::abs(scaled.gradient[i] * 3 - once.gradient[i]) < 1e-12);
}

TEST_CASE("smoothing bounds the loss and keeps shift invariance") {
  const double bound = -std::log((eps / 3) / (1 + eps));
  const Tensor z = row({900, -900, -900}), zh = row({-900, 900, -900});
  const double worst = distillation(z, zh, 2, eps).item();
  CHECK(worst == doctest::Approx(bound).epsilon(1e-9));
  CHECK(distillation(z, zh, 2, 0).item() > 10 * bound);
  const Tensor a = drawn("z", 2, 3), b = drawn("zh", 2, 3);
  CHECK(std::abs(distillation(shifted(a, 0, 3, 100), b, 2, eps).item() - distillation(a, b, 2, eps).item()) < 1e-12);
}

TEST_CASE("a batch twice over has the same losses, and so have tasks in another order") {
  const auto twice = [](const Tensor& x) {
    std::vector<double> values = x.values();
    const std::vector<double> once = values;
    values.insert(values.end(), once.begin(), once.end());
    return matrix(values, x.dim(1));
  };
  const auto swapped = [](const Tensor& x) { return concat_columns({slice_columns(x, 2, 4), slice_columns(x, 0, 2)}); };
  const Tensor z = drawn("z", 2, 4), zh = drawn("zh", 2, 4), y = labels_of({3, 1}), yy = labels_of({3, 1, 3, 1});
  CHECK(std::abs(joint(twice(z), twice(zh)).item() - joint(z, zh).item()) < 1e-12);
  CHECK(std::abs(binary(twice(z), twice(zh)).item() - binary(z, zh).item()) < 1e-12);
  CHECK(std::abs(cross_entropy(twice(z), yy).item() - cross_entropy(z, y).item()) < 1e-12);
  CHECK(std::abs(binary_prediction(twice(z), yy).item() - binary_prediction(z, y).item()) < 1e-12);
  CHECK(std::abs(joint(swapped(z), swapped(zh)).item() - joint(z, zh).item()) < 1e-12);
  CHECK(std::abs(binary(swapped(z), swapped(zh)).item() - binary(z, zh).item()) < 1e-12);
}

TEST_CASE("cross-entropy does not see a shift of its head, the binary prediction does") {
  const Tensor z = drawn("z", 3, 4), y = labels_of({0, 3, 1});
  CHECK(std::abs(cross_entropy(shifted(z, 0, 4, 2), y).item() - cross_entropy(z, y).item()) < 1e-12);
  CHECK(std::abs(binary_prediction(shifted(z, 0, 4, 2), y).item() - binary_prediction(z, y).item()) > 0.1);
}

TEST_CASE("with T squared, distillation at a high temperature becomes the difference of centred logits") {
  const Tensor z = drawn("z", 2, 3), zh = drawn("zh", 2, 3);
  constexpr double t = 1e4;
  const std::vector<double> g =
      evaluated(z, [&](const Tensor& x) { return scale(distillation(x, zh, t), t * t); }).gradient;
  const std::vector<double> a = z.values(), b = zh.values();
  for (size_t n = 0; n < 2; ++n) {
    double mean_a = 0, mean_b = 0;
    for (size_t k = 0; k < 3; ++k) mean_a += a[3 * n + k] / 3, mean_b += b[3 * n + k] / 3;
    for (size_t k = 0; k < 3; ++k)
      CHECK(std::abs(g[3 * n + k] - ((a[3 * n + k] - mean_a) - (b[3 * n + k] - mean_b)) / 6) < 1e-3);
  }
}

TEST_CASE("the J term gives every new logit a gradient of exactly zero, and is silent in the first task") {
  const TermPointer term = joint_distillation({});
  const TaskContext task = third_task(false, f64);
  const std::vector<double> g = evaluated(drawn("z", 2, 6), [&](const Tensor& z) {
                                  return term_loss(*term, task, z, drawn("zh", 2, 3), {});
                                }).gradient;
  for (size_t i = 0; i < g.size(); ++i) CHECK((g[i] == 0.0) == (i % 6 >= 3));
  TaskContext first = task;
  first.task = 0;
  CHECK(term->active(task));
  CHECK_FALSE(term->active(first));
  CHECK(term->needs_teacher());
}

TEST_CASE(
    "the current task's cross-entropy gives every old logit a gradient of exactly zero, until there are exemplars") {
  const TermPointer term = current_cross_entropy();
  const Tensor y = labels_of({3, 5});
  const auto loss = [&](bool exemplars) {
    return [&, exemplars](const Tensor& z) { return term_loss(*term, third_task(exemplars, f64), z, {}, y); };
  };
  const std::vector<double> alone = evaluated(drawn("z", 2, 6), loss(false)).gradient,
                            among_all = evaluated(drawn("z", 2, 6), loss(true)).gradient;
  for (size_t i = 0; i < alone.size(); ++i) {
    CHECK((alone[i] == 0.0) == (i % 6 < 3));
    CHECK(among_all[i] != 0.0);
  }
  CHECK(term_loss(*current_cross_entropy(true), third_task(false, f64), drawn("z", 2, 6), {}, y).item() ==
        evaluated(drawn("z", 2, 6), loss(true)).value);
}

TEST_CASE("student and teacher of different shapes, a temperature of zero and a negative eps are refused") {
  const Tensor z = drawn("z", 2, 3);
  CHECK_THROWS_WITH_AS((void)distillation(z, drawn("zh", 2, 4), 2),
                       "distillation: student (2, 3) and teacher (2, 4) must be the same (N, K)", Error);
  CHECK_THROWS_AS((void)distillation(z, z, 0), Error);
  CHECK_THROWS_AS((void)distillation(z, z, 2, -1), Error);
  CHECK_THROWS_AS((void)binary_distillation(z, drawn("zh", 1, 3)), Error);
}

}  // namespace
}  // namespace mneme::test
