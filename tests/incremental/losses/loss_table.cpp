#include "tests/incremental/losses/loss_table.h"

#include <limits>

#include "incremental/losses/distill.h"
#include "incremental/losses/features.h"
#include "incremental/losses/meta_learned_term.h"
#include "incremental/losses/prediction.h"
#include "incremental/losses/primitives.h"
#include "incremental/methods/registry.h"

namespace mneme::test {
namespace {

using In = const std::vector<Tensor>&;
using Rows = std::vector<OpRow>;

constexpr double infinity = std::numeric_limits<double>::infinity();

const Rows cross_entropy_rows = {
    {"cross_entropy", {numbers({4, 5}), indices({4, 0, 2, 2})}, [](In in) { return cross_entropy(in[0], in[1]); }},
    {"cross_entropy: one sample", {numbers({1, 3}), indices({1})}, [](In in) { return cross_entropy(in[0], in[1]); }},
    {"cross_entropy: one class",
     {numbers({3, 1}), indices({0, 0, 0})},
     [](In in) { return cross_entropy(in[0], in[1]); }},
    {"cross_entropy: large",
     {given({2, 3}, {900, -900, 880, 3, 2, -700}), indices({2, 0})},
     [](In in) { return cross_entropy(in[0], in[1]); }},
};

Tensor balanced(In in) { return balanced_cross_entropy(in[0], in[1], in[2]); }

const Rows balanced_rows = {
    {"balanced_cross_entropy", {numbers({4, 5}), indices({4, 0, 2, 2}), numbers({5})}, balanced},
    {"balanced_cross_entropy: counts",
     {numbers({3, 4}), indices({3, 0, 2}), constant(given({4}, {3, 3, 6.2, 6.2}))},
     balanced},
    {"balanced_cross_entropy: excluded classes",
     {numbers({3, 4}), indices({3, 1, 1}), constant(given({4}, {-infinity, 0, -infinity, 1.5}))},
     balanced},
    {"weighted_cross_entropy",
     {numbers({4, 5}), indices({4, 0, 2, 2}), constant(given({5}, {5, 0.25, 1, 2, 0.5}))},
     [](In in) { return weighted_cross_entropy(in[0], in[1], in[2]); }},
    {"separated_cross_entropy",
     {numbers({5, 5}), indices({4, 0, 2, 2, 1})},
     [](In in) { return separated_cross_entropy(in[0], in[1], 2); }},
    {"separated_cross_entropy: no old classes",
     {numbers({3, 4}), indices({3, 0, 2})},
     [](In in) { return separated_cross_entropy(in[0], in[1], 0); }},
};

OpRow distillation_row(const char* name, const Shape& shape, double temperature, double eps) {
  return {std::string("distillation: ") + name, {numbers(shape), constant(numbers(shape))}, [=](In in) {
            return distillation(in[0], in[1], temperature, eps);
          }};
}

const Rows distillation_rows = {
    distillation_row("T 2", {3, 5}, 2, 0),
    distillation_row("T 2, smoothed", {3, 5}, 2, 1e-5),
    distillation_row("T 1", {4, 3}, 1, 0),
    distillation_row("T 1, smoothed", {4, 3}, 1, 1e-5),
    distillation_row("T 3.7, smoothed much", {2, 6}, 3.7, 0.2),
    distillation_row("one class", {3, 1}, 2, 1e-5),
    distillation_row("fifty classes", {2, 50}, 2, 1e-5),
    {"distillation: far out",
     {given({2, 3}, {30, -30, 4, 0, -25, 25}), constant(given({2, 3}, {-20, 20, 1, 3, 30, -30}))},
     [](In in) { return distillation(in[0], in[1], 2, 1e-5); },
     1e-5},
    {"divergence", {numbers({3, 5}), constant(numbers({3, 5}))}, [](In in) { return divergence(in[0], in[1], 2); }},
    {"divergence: far out",
     {given({2, 3}, {30, -30, 4, 0, -25, 25}), constant(given({2, 3}, {-20, 20, 1, 3, 30, -30}))},
     [](In in) { return divergence(in[0], in[1], 2); }},
};

const Rows binary_rows = {
    {"binary_distillation",
     {numbers({3, 4}), constant(numbers({3, 4}))},
     [](In in) { return binary_distillation(in[0], in[1]); }},
    {"binary_distillation: far out",
     {given({2, 3}, {90, -90, 4, 0, -25, 25}), constant(given({2, 3}, {-20, 20, 1, 3, 60, -60}))},
     [](In in) { return binary_distillation(in[0], in[1]); }},
    {"binary_prediction",
     {numbers({4, 5}), indices({4, 0, 2, 2})},
     [](In in) { return binary_prediction(in[0], in[1]); }},
    {"binary_prediction: far out",
     {given({2, 3}, {90, -90, 4, 0, -25, 25}), indices({1, 2})},
     [](In in) { return binary_prediction(in[0], in[1]); }},
};

OpRow margin_row(const char* name, const Shape& shape, std::vector<double> y, int64_t old_classes, int64_t hardest) {
  return {std::string("margin_ranking") + name, {numbers(shape), indices(std::move(y))}, [=](In in) {
            return margin_ranking(in[0], in[1], old_classes, 0.5, hardest);
          }};
}

const Rows feature_rows = {
    {"cosine_distance",
     {numbers({4, 5}), constant(numbers({4, 5}))},
     [](In in) { return cosine_distance(in[0], in[1]); }},
    {"attention_map",
     {image({2, 4, 2, 3}), numbers({2, 4})},
     [](In in) { return sum(square(attention_map(in[0], in[1]))); }},
    {"attention_distance",
     {numbers({3, 4}, Draw::positive), constant(numbers({3, 4}, Draw::positive))},
     [](In in) { return attention_distance(in[0], in[1]); }},
    {"binary_distillation_of_softmax",
     {numbers({3, 4}), constant(numbers({3, 4}))},
     [](In in) { return binary_distillation_of_softmax(in[0], in[1], 2); }},
    {"binary_distillation_of_softmax: one class",
     {numbers({3, 1}), constant(numbers({3, 1}))},
     [](In in) { return binary_distillation_of_softmax(in[0], in[1], 2); }},
    {"binary_prediction: columns from class 3 on",
     {numbers({4, 2}), indices({4, 0, 3, 4})},
     [](In in) { return binary_prediction(in[0], in[1], 3); }},
    {"squared_distance",
     {numbers({4, 5}), constant(numbers({4, 5}))},
     [](In in) { return squared_distance(in[0], in[1]); }},
    {"pod_spatial",
     {image({3, 4, 3, 2}), constant(image({3, 4, 3, 2}))},
     [](In in) { return pod_spatial(in[0], in[1]); }},
    {"pod_spatial: 16 channels",
     {image({1, 16, 2, 2}), constant(image({1, 16, 2, 2}))},
     [](In in) { return pod_spatial(in[0], in[1]); }},
    {"pod_spatial_apart",
     {image({3, 4, 3, 2}), constant(image({3, 4, 3, 2}))},
     [](In in) { return pod_spatial_apart(in[0], in[1]); }},
    {"topology", {numbers({4, 4}), constant(numbers({4, 4}))}, [](In in) { return topology(in[0], in[1]); }},
    {"nca",
     {numbers({4, 5}), indices({4, 0, 2, 2}), given({1}, {0.6})},
     [](In in) { return nca(in[0], in[1], in[2]); }},
    {"nca: beyond the margin",
     {given({3, 3}, {9, 0, 1, 0, 1, 2.5, 0, 9, 3}), indices({0, 1, 1}), given({1}, {0.5})},
     [](In in) { return nca(in[0], in[1], in[2]); }},
    {"nca_as_released", {numbers({4, 5}), indices({4, 0, 2, 2})}, [](In in) { return nca_as_released(in[0], in[1]); }},
    margin_row("", {4, 6}, {0, 4, 2, 5}, 3, 2),
    margin_row(": one new class", {3, 3}, {0, 2, 1}, 2, 2),
    margin_row(": no image of an old class", {3, 5}, {2, 4, 3}, 2, 2),
};

Apply predicting(TermPointer term, bool with_exemplars) {
  return [=](In in) { return term_loss(*term, third_task(with_exemplars, in[0].options()), in[0], {}, in[1]); };
}
Apply distilling(TermPointer term) {
  return [=](In in) { return term_loss(*term, third_task(false, in[0].options()), in[0], in[1], {}); };
}

/// The whole loss of a method in its third task. Arguments: logits, the teacher's logits, labels.
Apply minimised_by(const char* name) {
  return [=](In in) {
    const Method method = make_method(name, {});
    const TaskContext task = third_task(true, in[0].options());
    NetOutput s, t;
    s.scores.logits = in[0];
    t.scores.logits = in[1];
    method.begin_task(task);
    return method.loss({s, &t, in[2], task});
  };
}

/// A term that compares features (N, D) of student and teacher.
Apply comparing_features(TermPointer term) {
  return [=](In in) {
    NetOutput s, t;
    s.features.pooled = in[0];
    t.features.pooled = in[1];
    return term_loss(*term, third_task(false, in[0].options()), s, &t, {});
  };
}
/// A term of cosines (N, classes). Arguments: the student's, and the teacher's or labels.
Apply comparing_cosines(TermPointer term, bool with_labels) {
  return [=](In in) {
    NetOutput s, t;
    s.scores.cosines = in[0];
    if (!with_labels) t.scores.cosines = in[1];
    return term_loss(*term, third_task(true, in[0].options()), s, &t, with_labels ? in[1] : Tensor{});
  };
}

/// A term that compares two maps, the student's and the teacher's.
Apply comparing_maps(TermPointer term) {
  return [=](In in) {
    NetOutput s, t;
    s.features.maps = {in[0], in[1]};
    t.features.maps = {in[2], in[3]};
    return term_loss(*term, third_task(true, in[0].options()), s, &t, {});
  };
}

/// A term that compares exemplars' features of student and teacher.
Apply comparing_exemplars(TermPointer term) {
  return [=](In in) {
    ExemplarView beside;
    beside.student.features.pooled = in[0];
    beside.teacher.features.pooled = in[1];
    const TaskContext task = third_task(true, in[0].options());
    const NetOutput batch;
    return term->loss({batch, nullptr, {}, task, nullptr, &beside});
  };
}

/// A term of labels and of features that are classified by two heads with three proxies per class and a scale.
Apply of_proxies(TermPointer term) {
  return [=](In in) {
    Factory factory(1, in[0].device(), in[0].dtype());
    ProxyHeads heads(in[0].dim(1), factory, 3);
    heads.weights = {in[1], in[2]};
    heads.scale = in[3];
    NetOutput s;
    s.scores = heads.forward(in[0]);
    return term_loss(*term, third_task(true, in[0].options()), s, nullptr, in[4]);
  };
}

std::vector<Tensor> per_head(const Tensor& weights, const std::vector<int>& sizes) {
  std::vector<Tensor> heads;
  int64_t at = 0;
  for (const int size : sizes) {
    heads.push_back(Tensor::view(weights, at, {size, weights.dim(1)}));
    at += size * weights.dim(1);
  }
  return heads;
}

/// A term of the last maps (N, C, H, W) of student and teacher, with weights W of six and three classes (equal for old
/// classes). The logits are so large that they determine the classes chosen.
Apply looking(TermPointer term) {
  return [=](In in) {
    NetOutput s, t;
    s.features.maps = {in[0]};
    t.features.maps = {in[1]};
    s.scores.weights = per_head(in[2], {2, 1, 3});
    t.scores.weights = per_head(in[3], {2, 1});
    s.scores.logits = in[4];
    t.scores.logits = slice_columns(in[4], 0, 3);
    return term_loss(*term, third_task(false, in[4].options()), s, &t, {});
  };
}

const Input student = numbers({4, 6}), teacher = constant(numbers({4, 3})), labels = indices({5, 3, 0, 2}),
            new_labels = indices({5, 3, 3, 4});

/// Features, weights of two heads, their scale, and labels.
std::vector<Input> proxy_inputs(const Input& scale) {
  return {numbers({4, 3}), numbers({6, 3}), numbers({3, 3}), scale, indices({2, 0, 1, 2})};
}

const Rows term_rows = {
    {"J", {student, teacher}, distilling(joint_distillation({}))},
    {"S", {student, teacher}, distilling(separated_distillation({}))},
    {"S: divergence",
     {student, teacher},
     distilling(separated_distillation({.temperature = 3, .eps = 0, .squared = true, .relative = true})),
     5e-6},  // nine times a small difference
    {"SS-IL: the whole loss", {student, teacher, labels}, minimised_by("ss-il")},
    {"iCaRL in SS-IL's suite: the whole loss", {student, teacher, labels}, minimised_by("icarl-ss-il")},
    {"BiC in SS-IL's suite: the whole loss", {student, teacher, labels}, minimised_by("bic-ss-il")},
    {"Bn", {student, teacher}, distilling(binary_distillation_per_task())},
    {"logit distillation", {student, teacher}, distilling(logit_distillation())},
    {"binary prediction: newest head", {student, new_labels}, predicting(binary_prediction_term(), false)},
    {"binary prediction: with exemplars", {student, labels}, predicting(binary_prediction_term(), true)},
    {"binary prediction: all heads",
     {student, new_labels},
     predicting(binary_prediction_term({.all_heads = true}), false)},
    {"less-forget", {numbers({3, 5}), constant(numbers({3, 5}))}, comparing_features(less_forget())},
    {"binary feature distillation",
     {numbers({3, 5}), constant(numbers({3, 5}))},
     comparing_features(binary_feature_distillation())},
    {"cosine mimicking", {student, teacher}, comparing_cosines(cosine_mimicking(), false)},
    {"margin ranking", {student, labels}, comparing_cosines(margin_ranking_term({.margin = 0.7, .hardest = 2}), true)},
    {"attention distillation",
     {image({3, 4, 2, 2}), constant(image({3, 4, 2, 2})), constant(numbers({6, 4})), constant(numbers({3, 4})),
      constant(numbers({3, 6}))},
     looking(attention_distillation())},
    {"POD-spatial",
     {image({3, 4, 2, 3}), image({3, 16, 1, 2}), constant(image({3, 4, 2, 3})), constant(image({3, 16, 1, 2}))},
     comparing_maps(pod_spatial_term())},
    {"POD-spatial: apart",
     {image({3, 4, 2, 3}), image({3, 16, 1, 2}), constant(image({3, 4, 2, 3})), constant(image({3, 16, 1, 2}))},
     comparing_maps(pod_spatial_term(true))},
    {"TPL", {numbers({5, 3}), constant(numbers({5, 3}))}, comparing_exemplars(topology_term(64))},
    {"NCA of proxies", proxy_inputs(constant(given({1}, {1.7}))), of_proxies(nca_term(0.6))},
    {"NCA of proxies, as released", proxy_inputs(given({1}, {1.7})), of_proxies(nca_term_as_released())},
    {"binary distillation of all", {student, teacher}, distilling(binary_distillation_of_all())},
    {"binary softmax distillation", {student, teacher}, distilling(binary_softmax_distillation(2, 0))},
    {"binary softmax distillation: all heads but one",
     {student, teacher},
     distilling(binary_softmax_distillation(2, 1))},
    {"binary classification", {student, labels}, predicting(binary_classification(), true)},
    {"J: T squared", {student, teacher}, distilling(joint_distillation({.temperature = 3, .eps = 0, .squared = true}))},
    {"current cross-entropy: newest head", {student, new_labels}, predicting(current_cross_entropy(), false)},
    {"current cross-entropy: with exemplars", {student, labels}, predicting(current_cross_entropy(), true)},
    {"joint cross-entropy", {student, labels}, predicting(joint_cross_entropy(), false)},
    {"balanced softmax", {student, labels}, predicting(balanced_softmax(), true)},
    {"balanced softmax: alpha", {student, labels}, predicting(balanced_softmax(0.5), true)},
    {"learned balanced softmax", {student, labels}, predicting(learned_balanced_softmax(), true)},
    {"rescaled cross-entropy", {student, labels}, predicting(rescaled_cross_entropy(), true)},
    {"separated softmax", {student, labels}, predicting(separated_softmax(), true)},
};

}  // namespace

TaskContext third_task(bool with_exemplars, TensorOptions tensor_options) {
  TaskContext task;
  task.task = 2;
  task.task_sizes = {2, 1, 3};
  task.class_counts = {20, 18, 20, 500, 450, 500};
  task.has_exemplars = with_exemplars;
  task.tensor_options = tensor_options;
  return task;
}

Tensor term_loss(LossTerm& term, const TaskContext& task, const Tensor& logits, const Tensor& teacher_logits,
                 const Tensor& labels_of_batch) {
  NetOutput student_output, teacher_output;
  student_output.scores.logits = logits;
  teacher_output.scores.logits = teacher_logits;
  return term_loss(term, task, student_output, teacher_logits ? &teacher_output : nullptr, labels_of_batch);
}

Tensor term_loss(LossTerm& term, const TaskContext& task, const NetOutput& student_output,
                 const NetOutput* teacher_output, const Tensor& labels_of_batch) {
  term.begin_task(task);
  return term.loss({student_output, teacher_output, labels_of_batch, task});
}

const std::vector<OpRow>& loss_table() {
  static const std::vector<OpRow> all = [] {
    Rows rows;
    for (const Rows* family :
         {&cross_entropy_rows, &balanced_rows, &distillation_rows, &binary_rows, &feature_rows, &term_rows})
      rows.insert(rows.end(), family->begin(), family->end());
    return rows;
  }();
  return all;
}

}  // namespace mneme::test
