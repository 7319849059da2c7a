// Properties of losses with one softmax or sigmoid, with the papers' values, in double precision on the reference
// device. test_distill_terms.cpp tests the properties of terms over several tasks.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/losses/primitives.h"
#include "tests/incremental/losses/loss_table.h"

namespace mneme::test {
namespace {

constexpr TensorOptions f64{Device::reference, DType::f64, Layout::plain};
constexpr double infinity = std::numeric_limits<double>::infinity();

Tensor matrix(const std::vector<double>& values, int64_t columns) {
  return Tensor::from(values, {static_cast<int64_t>(values.size()) / columns, columns}, f64);
}
Tensor row(const std::vector<double>& values) { return matrix(values, static_cast<int64_t>(values.size())); }
Tensor labels_of(std::vector<int> labels) {
  return Tensor::from(labels, {static_cast<int64_t>(labels.size())}, Device::reference);
}
Tensor weights(std::vector<double> lambda) {
  for (double& l : lambda) l = std::log(l);
  return Tensor::from(lambda, {static_cast<int64_t>(lambda.size())}, f64);
}
Tensor drawn(const char* name, int64_t rows, int64_t columns, double size = 3) {
  std::vector<double> values = drawn_values(name, rows * columns, Draw::any);
  for (double& v : values) v *= size;
  return matrix(values, columns);
}

/// z with `amount` added to the columns [begin, end).
Tensor shifted(const Tensor& z, int64_t begin, int64_t end, double amount) {
  std::vector<double> values = z.values();
  for (size_t i = 0; i < values.size(); ++i) {
    const int64_t column = static_cast<int64_t>(i) % z.dim(1);
    if (column >= begin && column < end) values[i] += amount;
  }
  return matrix(values, z.dim(1));
}

struct Result {
  double value;
  std::vector<double> gradient;
};

template <class Loss>
Result evaluated(Tensor z, const Loss& loss) {
  z = z.clone();
  z.requires_grad();
  const Tensor value = loss(z);
  backward(value);
  return {value.item(), z.grad().values()};
}

void check_near(const std::vector<double>& got, const std::vector<double>& expected, double tolerance) {
  REQUIRE(got.size() == expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    CHECK(std::abs(got[i] - expected[i]) <= tolerance);
  }
}

double entropy(const Tensor& z, double temperature) {
  const Tensor log_q = log_softmax(scale(z, 1 / temperature));
  return -sum(mul(softmax(scale(z, 1 / temperature)), log_q)).item() / static_cast<double>(z.dim(0));
}

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

// --- balanced softmax
// ---------------------------------------------------------------------------------------------------

const std::vector<double> counts = {20, 20, 500, 500};

TEST_CASE("balanced softmax by the book: probabilities and loss, without and with alpha") {
  struct Row {
    double alpha;
    std::vector<double> q;
    double loss, slope;
  };
  TaskContext task;
  task.task = 1;
  task.task_sizes = {2, 2};
  task.class_counts = {20, 20, 500, 500};
  task.tensor_options = f64;
  for (const Row& r : {Row{1, {.0502146, .0184729, .1698952, .7614173}, 2.9914495164, -.9313124850},
                       Row{.5, {.0260002, .0095650, .1759375, .7884973}, 3.6496493322, -1.9288695998}}) {
    const auto loss = [&](double alpha) {
      return
          [&task, alpha](const Tensor& z) { return term_loss(*balanced_softmax(alpha), task, z, {}, labels_of({0})); };
    };
    const Tensor z = row({1, 0, -1, .5});
    const Result result = evaluated(z, loss(r.alpha));
    CHECK(std::abs(result.value - r.loss) < 1e-10);
    std::vector<double> q = result.gradient;  // q - e_y
    q[0] += 1;
    check_near(q, r.q, 6e-8);
    constexpr double h = 1e-5;
    CHECK(std::abs((loss(r.alpha + h)(z).item() - loss(r.alpha - h)(z).item()) / (2 * h) - r.slope) < 1e-8);
  }
}

TEST_CASE("separated softmax by the book: an image's gradient is exactly 0 on the other side") {
  const Result new_images =
      evaluated(row({1, 0, -1, .5}), [](const Tensor& z) { return separated_cross_entropy(z, labels_of({2}), 2); });
  CHECK(std::abs(new_images.value - 1.7014132780) < 1e-10);
  check_near(new_images.gradient, {0, 0, -.8175745, .8175745}, 6e-8);
  CHECK(new_images.gradient[0] == 0);
  CHECK(new_images.gradient[1] == 0);
  const Result old =
      evaluated(row({1, 0, -1, .5}), [](const Tensor& z) { return separated_cross_entropy(z, labels_of({1}), 2); });
  CHECK(old.gradient[2] == 0);
  CHECK(old.gradient[3] == 0);
}

TEST_CASE("separated softmax of new images alone is the newest head's cross-entropy, and batches may be doubled") {
  const Tensor z = drawn("separated", 4, 5);
  const Tensor y = labels_of({2, 4, 3, 3}), local = labels_of({0, 2, 1, 1});
  CHECK(std::abs(separated_cross_entropy(z, y, 2).item() - cross_entropy(slice_columns(z, 2, 5), local).item()) <
        1e-12);
  std::vector<double> twice = z.values();
  twice.insert(twice.end(), twice.begin(), twice.begin() + 20);
  const Tensor mixed = labels_of({2, 0, 3, 1}), doubled = labels_of({2, 0, 3, 1, 2, 0, 3, 1});
  CHECK(std::abs(separated_cross_entropy(matrix(twice, 5), doubled, 2).item() -
                 separated_cross_entropy(z, mixed, 2).item()) < 1e-12);
}

TEST_CASE("rescaling weighs classes so that all images together keep their weight, and equal counts change nothing") {
  TaskContext task;
  task.task = 1;
  task.task_sizes = {2, 2};
  task.tensor_options = f64;
  const Tensor z = drawn("rescaled", 4, 4);
  const Tensor each = labels_of({0, 1, 2, 3});
  task.class_counts = {20, 10, 500, 470};
  // The images of every class together have the weight |D| / N: 250 of 1000.
  double all = 0;
  for (int k = 0; k < 4; ++k) {
    const Tensor y = labels_of({k, k, k, k});
    const double weight = term_loss(*rescaled_cross_entropy(), task, z, {}, y).item() / cross_entropy(z, y).item();
    CHECK(weight * static_cast<double>(task.class_counts[static_cast<size_t>(k)]) == doctest::Approx(250));
    all += weight * static_cast<double>(task.class_counts[static_cast<size_t>(k)]);
  }
  CHECK(all == doctest::Approx(1000));
  task.class_counts = {7, 7, 7, 7};
  CHECK(std::abs(term_loss(*rescaled_cross_entropy(), task, z, {}, each).item() - cross_entropy(z, each).item()) <
        1e-12);
}

TEST_CASE("equal counts make balanced softmax the softmax, and only ratios of counts matter") {
  const Tensor z = drawn("z", 5, 4), y = labels_of({0, 1, 2, 3, 3});
  const auto with = [&](const std::vector<double>& n) {
    return evaluated(z, [&](const Tensor& x) { return balanced_cross_entropy(x, y, weights(n)); });
  };
  const Result plain = evaluated(z, [&](const Tensor&x) { return cross_entropy(x, y); }), equal = with({7, 7, 7, 7});
  CHECK(std::abs(equal.value - plain.value) < 1e-12);
  check_near(equal.gradient, plain.gradient, 1e-12);
  const Result once = with(counts), tenfold = with({200, 200, 5000, 5000});
  CHECK(std::abs(once.value - tenfold.value) < 1e-12);
  check_near(once.gradient, tenfold.gradient, 1e-12);
  CHECK(std::abs(once.value - plain.value) > 1e-2);
}

TEST_CASE(
    "balanced softmax is cross-entropy of the logits plus the log counts; a common shift is invisible, rows sum to "
    "zero") {
  const Tensor z = drawn("z", 3, 4), y = labels_of({0, 2, 3});
  const Result bal = evaluated(z, [&](const Tensor& x) { return balanced_cross_entropy(x, y, weights(counts)); });
  CHECK(std::abs(bal.value - cross_entropy(add(z, weights(counts)), y).item()) < 1e-12);
  CHECK(std::abs(bal.value - balanced_cross_entropy(shifted(z, 0, 4, -8), y, weights(counts)).item()) < 1e-12);
  for (size_t n = 0; n < 3; ++n)
    CHECK(std::abs(bal.gradient[4 * n] + bal.gradient[4 * n + 1] + bal.gradient[4 * n + 2] + bal.gradient[4 * n + 3]) <
          1e-15);
}

TEST_CASE("alpha 1 is plain balanced softmax, and alpha has no effect where all classes are old") {
  TaskContext task = third_task(true, f64);
  const Tensor z = drawn("z", 2, 6), y = labels_of({4, 1});
  const auto loss = [&](double alpha) { return term_loss(*balanced_softmax(alpha), task, z, {}, y).item(); };
  const Tensor shares = weights({20. / 500, 18. / 500, 20. / 500, 1, 450. / 500, 1});  // only ratios matter
  CHECK(loss(1) == balanced_cross_entropy(z, y, shares).item());
  CHECK(std::abs(loss(.3) - loss(1)) > 1e-2);
  task.task_sizes = {2, 4, 0};
  CHECK(std::abs(loss(.3) - loss(1)) < 1e-12);
  CHECK_THROWS_AS(balanced_softmax(0), Error);
}

TEST_CASE("balanced softmax stays finite in single precision for huge logits and lopsided counts") {
  for (const Device device : {Device::reference, Device::cpu}) {
    const TensorOptions tensor_options{device, DType::f32, Layout::plain};
    Tensor z = Tensor::from(std::vector<double>{1e4, -1e4, 0, -1e4, 1e4, 1e4}, {2, 3}, tensor_options);
    z.requires_grad();
    const Tensor offset = Tensor::from(std::vector<double>{0, std::log(1e6), 0}, {3}, tensor_options);
    const Tensor loss = balanced_cross_entropy(z, Tensor::from(std::vector<int>{1, 2}, {2}, device), offset);
    backward(loss);
    CHECK(std::isfinite(loss.item()));
    for (const double g : z.grad().values()) CHECK(std::isfinite(g));
  }
}

TEST_CASE(
    "a class without images is left out of the softmax; as a label it makes the loss infinite, which training "
    "reports") {
  const Tensor z = drawn("z", 1, 3), without = weights({5, 0, 5});
  const Result other =
      evaluated(z, [&](const Tensor& x) { return balanced_cross_entropy(x, labels_of({2}), without); });
  CHECK(std::isfinite(other.value));
  CHECK(other.gradient[1] == 0.0);
  CHECK(balanced_cross_entropy(z, labels_of({1}), without).item() == infinity);
}

/// Two overlapping clouds of `few` points of class 0 and `many` points of class 1, separated by a line; the recall of
/// both classes on tests of equal size.
struct Recalls {
  double rare, frequent;
};

struct Cloud {
  std::vector<double> points;  // (n, 2)
  std::vector<int> labels;
  void add(int label, int count, std::mt19937& draws) {
    std::normal_distribution<double> noise(0, 1);
    for (int i = 0; i < count; ++i) {
      points.push_back((label ? 1 : -1) + noise(draws));
      points.push_back(noise(draws));
      labels.push_back(label);
    }
  }
};

Recalls learned_by_a_line(unsigned seed, int few, int many, const std::vector<double>& n) {
  std::mt19937 draws(seed);
  Cloud train, test;
  train.add(0, few, draws);
  train.add(1, many, draws);
  test.add(0, 500, draws);
  test.add(1, 500, draws);
  Tensor w = Tensor::zeros({2, 2}, f64), b = Tensor::zeros({2}, f64);
  w.requires_grad();
  b.requires_grad();
  const Tensor x = matrix(train.points, 2), y = labels_of(train.labels), offset = weights(n);
  for (int step = 0; step < 300; ++step) {
    w.set_grad({});
    b.set_grad({});
    backward(balanced_cross_entropy(linear(x, w, b), y, offset));
    add_in_place(w, scale(w.grad(), -1));
    add_in_place(b, scale(b.grad(), -1));
  }
  const NoGrad numbers_only;
  const std::vector<double> z = linear(matrix(test.points, 2), w, b).values();
  Recalls recalls{0, 0};
  for (size_t i = 0; i < test.labels.size(); ++i) {
    const bool right = (z[2 * i + 1] > z[2 * i]) == (test.labels[i] == 1);
    (test.labels[i] ? recalls.frequent : recalls.rare) += right / 500.0;
  }
  return recalls;
}

TEST_CASE("a line learned from lopsided data errs evenly with balanced softmax and against the rare class without") {
  for (const unsigned seed : {1u, 2u, 3u}) {
    const Recalls plain = learned_by_a_line(seed, 40, 800, {1, 1}),
                  balanced = learned_by_a_line(seed, 40, 800, {40, 800});
    CHECK(plain.frequent - plain.rare > 0.3);
    CHECK(std::abs(balanced.frequent - balanced.rare) < 0.15);
    CHECK(balanced.frequent + balanced.rare > plain.frequent + plain.rare);
  }
}

}  // namespace
}  // namespace mneme::test
