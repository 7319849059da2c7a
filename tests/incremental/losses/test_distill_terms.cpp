// Joint, separated and binary distillation terms, and the LwF methods made of them. Values and properties come from the
// worked example of "Rethinking softmax in incremental learning": two old tasks of two classes, one image, T = 2.

#include <doctest/doctest.h>

#include <cmath>

#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/registry.h"

namespace {

using namespace mneme;

constexpr TensorOptions exact{Device::reference, DType::f64, Layout::plain};

TaskContext context(std::vector<int> sizes) {
  TaskContext task;
  task.task = static_cast<int>(sizes.size()) - 1;
  task.task_sizes = std::move(sizes);
  task.class_counts.assign(static_cast<size_t>(task.classes()), 1);
  task.tensor_options = exact;
  return task;
}

/// The old logits of one image. The new head (one class) gets a constant that no distillation term may read.
struct OneImage {
  std::vector<double> student, teacher;
  std::vector<int> sizes = {2, 2, 1};
};

Tensor student_tensor(const OneImage& image) {
  std::vector<double> all = image.student;
  all.push_back(0.7);
  return Tensor::from(all, {1, static_cast<int64_t>(all.size())}, exact);
}

double value(const TermPointer& term, const OneImage& image, Tensor* gradient = nullptr) {
  const TaskContext task = context(image.sizes);
  NetOutput student, teacher;
  student.scores.logits = student_tensor(image);
  if (gradient) student.scores.logits.requires_grad();
  teacher.scores.logits = Tensor::from(image.teacher, {1, static_cast<int64_t>(image.teacher.size())}, exact);
  const Tensor labels = Tensor::from(std::vector<int>{task.classes() - 1}, {1}, Device::reference);
  term->begin_task(task);
  const Tensor loss = term->loss({student, &teacher, labels, task});
  if (gradient) {
    backward(loss);
    *gradient = student.scores.logits.grad();
  }
  return loss.item();
}

TEST_CASE("a squared temperature multiplies the distillation by T^2, joint or task by task") {
  const OneImage image{{1, -0.5, 0.25, 2}, {0.5, 0, -1, 1}};
  for (const bool relative : {false, true})
    for (const auto make : {joint_distillation, separated_distillation}) {
      const double plain = value(make({.temperature = 3, .eps = 0, .relative = relative}), image);
      const double squared = value(make({.temperature = 3, .eps = 0, .squared = true, .relative = relative}), image);
      CHECK(plain > 0.01);
      CHECK(squared == doctest::Approx(9 * plain).epsilon(1e-12));
    }
}

double distilled(const Method& method, const OneImage& image) {
  double total = 0;
  for (const WeightedTerm& t : method.distillation) total += t.weight * value(t.term, image);
  return total;
}

const TermPointer J = joint_distillation({}), S = separated_distillation({}), Bn = binary_distillation_per_task();

doctest::Approx near(double expected) { return doctest::Approx(expected).epsilon(1e-6); }

std::vector<double> shifted(std::vector<double> v, double first, double second) {
  for (size_t i = 0; i < v.size(); ++i) v[i] += i < 2 ? first : second;
  return v;
}

}  // namespace

TEST_CASE("the worked example: terms and LwF variants have the published values") {
  struct Row {
    std::vector<double> student;
    double j, s, bn, lwf, lwf_s, lwf_sr, lwf_br, lwf_bsr;
  };
  const Row rows[] = {{{2, 0, 1, 3}, 1.245050, 1.164406, 0.915775, 1.245050, 1.164406, 1.786931, 2.160825, 2.867344},
                      {{7, 5, 6, 8}, 1.245050, 1.164406, 2.668957, 1.245050, 1.164406, 1.786931, 3.914007, 3.743935},
                      {{2, 0, 5, 7}, 1.604926, 1.164406, 1.371398, 1.604926, 1.164406, 1.966869, 2.976324, 3.455031},
                      {{5, 3, -1, 1}, 1.954032, 1.164406, 1.778163, 1.954032, 1.164406, 2.141422, 3.732194, 4.007519},
                      {{0, 2, 1, 3}, 1.419516, 1.626518, 1.296572, 1.419516, 1.626518, 2.336276, 2.716087, 3.694319}};
  for (const Row& row : rows) {
    const OneImage image{row.student, {2, 0, 1, 3}};
    CHECK(value(J, image) == near(row.j));
    CHECK(value(S, image) == near(row.s));
    CHECK(value(Bn, image) == near(row.bn));
    CHECK(distilled(make_method("lwf", {}), image) == near(row.lwf));
    CHECK(distilled(make_method("lwf-s", {}), image) == near(row.lwf_s));
    CHECK(distilled(make_method("lwf-sr", {}), image) == near(row.lwf_sr));
    CHECK(distilled(make_method("lwf-br", {}), image) == near(row.lwf_br));
    CHECK(distilled(make_method("lwf-br2", {}), image) == near(row.lwf_br));
    CHECK(distilled(make_method("lwf-bsr", {}), image) == near(row.lwf_bsr));
  }
}

TEST_CASE("imbalance silences joint distillation of the lower task, and neither of the others") {
  struct Row {
    double delta, joint, joint_gradient;
  };
  for (const Row& row : {Row{0, 0.174466, 0.08723}, Row{6, 0.013543, 0.00677}, Row{12, 0.000691, 0.00034}}) {
    const std::vector<double> teacher = shifted({2, 0, 1, 3}, 0, row.delta),
                              flipped = shifted({0, 2, 1, 3}, 0, row.delta);
    const OneImage same{teacher, teacher}, flip{flipped, teacher};
    CHECK(value(J, flip) - value(J, same) == doctest::Approx(row.joint).epsilon(2e-3));
    CHECK(value(S, flip) - value(S, same) == near(0.462112));
    CHECK(value(Bn, flip) - value(Bn, same) == near(0.380797));
    Tensor dj, ds, db;
    value(J, flip, &dj);
    value(S, flip, &ds);
    value(Bn, flip, &db);
    CHECK(dj.values()[0] == doctest::Approx(-row.joint_gradient).epsilon(2e-2));
    CHECK(ds.values()[0] == doctest::Approx(-0.23105).epsilon(1e-4));
    CHECK(db.values()[1] == doctest::Approx(0.19040).epsilon(1e-4));
  }
}

TEST_CASE("with one old task S is J, SR is 1.5 times LwF, and BSR is 2 J + 0.5 Bn") {
  const OneImage image{{0.3, -1, 2}, {1, 0, 0.5}, {3, 1}};
  const double j = value(J, image), bn = value(Bn, image);
  CHECK(value(S, image) == doctest::Approx(j).epsilon(1e-12));
  CHECK(j == doctest::Approx(1.2388595575).epsilon(1e-9));
  CHECK(distilled(make_method("lwf-sr", {}), image) == doctest::Approx(1.5 * j).epsilon(1e-12));
  CHECK(distilled(make_method("lwf-bsr", {}), image) == doctest::Approx(2 * j + 0.5 * bn).epsilon(1e-12));
}

TEST_CASE("S ignores a level per task, J one level for all, Bn none") {
  const std::vector<double> student = {0.4, -0.9, 1.3, 0.2}, teacher = {1.1, 0.3, -0.7, 0.6};
  const OneImage plain{student, teacher}, all{shifted(student, 5, 5), teacher}, each{shifted(student, 3, -2), teacher},
      both{shifted(student, 1, 4), shifted(teacher, 1, 4)};
  CHECK(value(J, all) == doctest::Approx(value(J, plain)).epsilon(1e-10));
  CHECK(value(S, each) == doctest::Approx(value(S, plain)).epsilon(1e-10));
  CHECK(value(S, both) == doctest::Approx(value(S, plain)).epsilon(1e-10));
  CHECK(std::abs(value(J, each) - value(J, plain)) > 1e-3);
  CHECK(std::abs(value(J, both) - value(J, plain)) > 1e-3);
  CHECK(std::abs(value(Bn, all) - value(Bn, plain)) > 1e-3);
  CHECK(std::abs(value(Bn, each) - value(Bn, plain)) > 1e-3);
}

TEST_CASE("the joint divergence is that between tasks plus each task's own, weighted by the teacher's task mass") {
  const DistillOptions no_eps{.temperature = 2, .eps = 0};
  const OneImage image{{0.4, -0.9, 1.3, 0.2}, {1.1, 0.3, -0.7, 0.6}}, at_teacher{image.teacher, image.teacher};
  const double joint_kl = value(joint_distillation(no_eps), image) - value(joint_distillation(no_eps), at_teacher);
  const auto mass = [](const std::vector<double>& z, size_t first) {
    double part = 0, total = 0;
    for (size_t i = 0; i < z.size(); ++i) {
      total += std::exp(z[i] / 2);
      if (i >= first && i < first + 2) part += std::exp(z[i] / 2);
    }
    return part / total;
  };
  double expected = 0;
  for (size_t first : {size_t{0}, size_t{2}}) {
    const double q = mass(image.teacher, first), p = mass(image.student, first);
    expected += q * std::log(q / p);
    const std::vector<double> s(image.student.begin() + static_cast<long>(first),
                                image.student.begin() + static_cast<long>(first) + 2);
    const std::vector<double> t(image.teacher.begin() + static_cast<long>(first),
                                image.teacher.begin() + static_cast<long>(first) + 2);
    const OneImage own{s, t, {2, 1}}, own_teacher{t, t, {2, 1}};
    expected += q * (value(joint_distillation(no_eps), own) - value(joint_distillation(no_eps), own_teacher));
  }
  CHECK(joint_kl == doctest::Approx(expected).epsilon(1e-10));
}

TEST_CASE("gradients: J's rows sum to zero over all old classes, S's within each task, and the new head gets none") {
  const OneImage image{{0.4, -0.9, 1.3, 0.2}, {1.1, 0.3, -0.7, 0.6}};
  Tensor dj, ds, db;
  value(J, image, &dj);
  value(S, image, &ds);
  value(Bn, image, &db);
  const auto j = dj.values(), s = ds.values(), b = db.values();
  CHECK(std::abs(j[0] + j[1] + j[2] + j[3]) < 1e-12);
  CHECK(std::abs(j[0] + j[1]) > 1e-4);
  CHECK(std::abs(s[0] + s[1]) < 1e-12);
  CHECK(std::abs(s[2] + s[3]) < 1e-12);
  CHECK(std::abs(b[0] + b[1] + b[2] + b[3]) > 1e-4);
  for (const auto& g : {j, s, b}) CHECK(g[4] == 0);
}

TEST_CASE("where student and teacher agree no term pulls, and away from there Bn is larger") {
  const DistillOptions no_eps{.temperature = 2, .eps = 0};
  const OneImage agreed{{1.1, 0.3, -0.7, 0.6}, {1.1, 0.3, -0.7, 0.6}}, apart{{0.4, -0.9, 1.3, 0.2}, agreed.teacher};
  for (const TermPointer& term : {joint_distillation(no_eps), separated_distillation(no_eps), Bn}) {
    Tensor gradient;
    value(term, agreed, &gradient);
    for (double g : gradient.values()) CHECK(std::abs(g) < 1e-12);
  }
  CHECK(value(Bn, apart) > value(Bn, agreed));
}

TEST_CASE("S's gradient in one task does not depend on the logits of another, J's does") {
  const OneImage image{{0.4, -0.9, 1.3, 0.2}, {1.1, 0.3, -0.7, 0.6}};
  for (const bool teacher : {false, true}) {
    OneImage other = image;
    (teacher ? other.teacher : other.student)[3] += 0.8;
    Tensor ds, ds_other, dj, dj_other;
    value(S, image, &ds), value(S, other, &ds_other), value(J, image, &dj), value(J, other, &dj_other);
    for (size_t k : {0u, 1u}) {
      CHECK(ds.values()[k] == ds_other.values()[k]);
      CHECK(std::abs(dj.values()[k] - dj_other.values()[k]) > 1e-3);
    }
  }
}

TEST_CASE("tasks in another order have the same S and Bn") {
  const OneImage image{{0.4, -0.9, 1.3, 0.2}, {1.1, 0.3, -0.7, 0.6}},
      swapped{{1.3, 0.2, 0.4, -0.9}, {-0.7, 0.6, 1.1, 0.3}};
  for (const TermPointer& term : {J, S, Bn})
    CHECK(value(term, image) == doctest::Approx(value(term, swapped)).epsilon(1e-12));
}

TEST_CASE("for tasks of equal size Bn is the number of tasks times the mean over all logits") {
  const OneImage two{{0.4, -0.9, 1.3, 0.2}, {1.1, 0.3, -0.7, 0.6}}, one{two.student, two.teacher, {4, 1}};
  CHECK(value(Bn, two) == doctest::Approx(2 * value(Bn, one)).epsilon(1e-12));
}

TEST_CASE("logit distillation is the mean square of all old logits' distances, levels included") {
  const OneImage image{{2, 0, 1, 3}, {1, 0, 3, 3}};
  Tensor gradient;
  CHECK(value(logit_distillation(), image, &gradient) == near((1 + 0 + 4 + 0) / 4.0));
  const std::vector<double> expected{2 * 1 / 4.0, 0, 2 * -2 / 4.0, 0, 0};  // no gradient for the new head
  for (size_t i = 0; i < expected.size(); ++i) CHECK(gradient.values()[i] == near(expected[i]));
  CHECK(value(logit_distillation(), {shifted(image.teacher, 0.5, 0.5), image.teacher}) == near(0.25));
  CHECK(value(logit_distillation(), {image.teacher, image.teacher}) == 0);
}

TEST_CASE("binary prediction sees the newest head with local labels, or all heads once there are exemplars") {
  TaskContext task = context({2, 2});
  NetOutput student;
  student.scores.logits = Tensor::from(std::vector<double>{9, -9, 1, -1}, {1, 4}, exact);
  const Tensor labels = Tensor::from(std::vector<int>{2}, {1}, Device::reference);
  const auto softplus_of = [](double z) { return std::log1p(std::exp(-std::abs(z))) + std::max(z, 0.0); };
  const TermPointer term = binary_prediction_term();
  CHECK(term->loss({student, nullptr, labels, task}).item() ==
        doctest::Approx((softplus_of(1) - 1 + softplus_of(-1)) / 2));
  task.has_exemplars = true;
  const double all = softplus_of(9) + softplus_of(-9) + softplus_of(1) + softplus_of(-1) - 1;
  CHECK(term->loss({student, nullptr, labels, task}).item() == doctest::Approx(all / 4));
}
