// Properties of the losses that balance classes: balanced, separated and rescaled softmax, in double precision on the
// reference device.

#include <random>

#include "tests/incremental/losses/loss_properties.h"

namespace mneme::test {
namespace {

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
