// Tests of DER++: its loss and gradient against the formula, and the effect of its two options.

#include <doctest/doctest.h>

#include <cmath>

#include "incremental/methods/slots.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

constexpr TensorOptions f64{Device::reference, DType::f64, Layout::plain};
constexpr int images = 4, classes = 4, old_classes = 2;

const std::vector<double> z = {1, 0, -1, .5, .5, 2, .3, -2, .1, 4, 0, 1, -1, .2, .7, .4},
                          zh = {.5, 0, 1, 1, 0, 3, 2, -1};
const std::vector<int> labels = {2, 1, 3, 0};  // two new images, two exemplars

struct Loss {
  double value = 0;
  std::vector<double> gradient;
};

/// The method's loss for these logits.
Loss loss_of(const MethodOptions& options) {
  TaskContext task;
  task.task = 1;
  task.task_sizes = {old_classes, classes - old_classes};
  task.class_counts = {5, 5, 5, 5};
  task.has_exemplars = true;
  task.tensor_options = f64;
  const Method method = make_method("derpp", options);
  NetOutput student, old;
  student.scores.logits = Tensor::from(z, {images, classes}, f64);
  student.scores.logits.requires_grad();
  old.scores.logits = Tensor::from(zh, {images, old_classes}, f64);
  const Tensor y = Tensor::from(labels, {images}, Device::reference);
  method.begin_task(task);
  const Tensor loss = method.loss({student, &old, y, task});
  backward(loss);
  return {loss.item(), student.scores.logits.grad().values()};
}

/// The loss by eq. 6, image by image, with dCE/dz_j = p_j - [y = j].
Loss by_formula(double alpha, double beta) {
  Loss out{0, std::vector<double>(images * classes)};
  for (size_t b = 0; b < images; ++b) {
    const bool exemplar = labels[b] < old_classes;
    const double weight = (exemplar ? beta : 1) / 2;  // two new images and two exemplars
    double total = 0;
    for (size_t j = 0; j < classes; ++j) total += std::exp(z[b * classes + j]);
    out.value += weight * (std::log(total) - z[b * classes + static_cast<size_t>(labels[b])]);
    for (size_t j = 0; j < classes; ++j) {
      const bool is_label = static_cast<int>(j) == labels[b];
      out.gradient[b * classes + j] += weight * (std::exp(z[b * classes + j]) / total - is_label);
    }
    for (size_t j = 0; exemplar && j < old_classes; ++j) {
      const double gap = z[b * classes + j] - zh[b * old_classes + j];
      out.value += alpha / 2 * gap * gap / old_classes;
      out.gradient[b * classes + j] += alpha * gap / old_classes;
    }
  }
  return out;
}

TEST_CASE("DER++'s loss and gradient are those of its formula, for both weights") {
  for (const auto& [alpha, beta] : {std::pair{0.5, 0.5}, {2.0, 0.0}, {0.0, 3.0}}) {
    MethodOptions options;
    set_option(options, "--der-alpha", alpha);
    set_option(options, "--der-beta", beta);
    const Loss ours = loss_of(options), expected = by_formula(alpha, beta);
    CHECK(ours.value == doctest::Approx(expected.value).epsilon(1e-12));
    for (size_t i = 0; i < ours.gradient.size(); ++i)
      CHECK(ours.gradient[i] == doctest::Approx(expected.gradient[i]).epsilon(1e-10));
  }
  CHECK(loss_of({}).value == doctest::Approx(by_formula(0.5, 0.5).value).epsilon(1e-12));  // the default values
}

TEST_CASE("DER++ runs, and both options change what it learns") {
  const ExperimentOptions plain = tiny_options_for("derpp");
  const Finished run = finish(plain);
  CHECK(run.result.settings["method"]["der_alpha"] == 0.5);
  CHECK(run.result.settings["method"]["der_beta"] == 0.5);
  for (const char* flag : {"--der-alpha", "--der-beta"}) {
    ExperimentOptions o = plain;
    set_option(o.method_options, flag, 4);
    const Finished other = finish(o);
    CHECK(changed(run.states[0], other.states[0]).empty());
    CHECK_FALSE(changed(run.states[1], other.states[1]).empty());
  }
}

}  // namespace
}  // namespace mneme::test
