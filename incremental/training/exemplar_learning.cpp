#include "incremental/training/exemplar_learning.h"

#include <cmath>
#include <functional>
#include <limits>

#include "engine/autograd.h"
#include "engine/base/stop.h"
#include "engine/ops.h"
#include "incremental/losses/primitives.h"

namespace mneme {
namespace {

/// Selects sequences of random draws within a task.
enum Split : uint32_t { new_ones, one_half, other_half, splits };

constexpr double released_momentum = 0.9, released_decay = 5e-4, released_factor = 0.5;

Tensor image_gradient(IncrementalNet& net, ParameterBlock& block, const LabelledBatch& batch) {
  block.clear_gradients();
  Tensor images = batch.images.detach();
  images.requires_grad();
  backward(cross_entropy(net.forward(images, inference_mode).scores.logits, batch.labels));
  return images.grad();
}

/// Computes the gradient of the cross-entropy by the weights, and leaves it in the block.
void weight_gradient(IncrementalNet& net, ParameterBlock& block, const LabelledBatch& batch) {
  block.clear_gradients();
  backward(cross_entropy(net.forward(batch.images, inference_mode).scores.logits, batch.labels));
}

/// The step of central differences, before division by the norm of the direction.
double small_step(DType type) {
  return std::cbrt(type == DType::f64 ? std::numeric_limits<double>::epsilon() : std::numeric_limits<float>::epsilon());
}

/// Of every class the images of even ranks (which = 0) or odd ranks (which = 1). The images of a class must be
/// adjacent.
Subset half_of(const Subset& subset, size_t which) {
  Subset half;
  size_t rank = 0;
  for (size_t i = 0; i < subset.size(); ++i) {
    rank = i > 0 && subset.labels[i] == subset.labels[i - 1] ? rank + 1 : 0;
    if (rank % 2 == which) half.append({{subset.images[i]}, {subset.labels[i]}});
  }
  return half;
}

/// The common part of both ways of learning exemplars.
struct Lesson {
  const ExemplarTraining& given;
  const ExemplarLearningOptions& options;
  LearnedImages& images;
  std::unique_ptr<IncrementalNet> net = given.net.frozen_copy();  // a copy whose weights may change
  RandomKey key = random_key(given.seed, Stream::exemplar_pixels);
  uint32_t task = static_cast<uint32_t>(given.task.task);
  Subset new_exemplars = of_classes(given.exemplars, given.task.old_classes(), given.task.classes());
  Subset old_exemplars = of_classes(given.exemplars, 0, given.task.old_classes());

  uint32_t counter(Split split, int turn) const { return static_cast<uint32_t>(turn) * splits + split; }

  /// The batches of the turn-th pass through a subset, each pass in its own random order.
  std::vector<Subset> batches_of(const Subset& subset, Split split, int turn) const {
    const std::vector<int> order = permutation(key, task, counter(split, turn), static_cast<int>(subset.size()));
    std::vector<Subset> batches;
    for (size_t i = 0; i < subset.size(); ++i) {
      if (i % static_cast<size_t>(given.training.batch_size) == 0) batches.emplace_back();
      const auto at = static_cast<size_t>(order[i]);
      batches.back().append({{subset.images[at]}, {subset.labels[at]}});
    }
    return batches;
  }

  LabelledBatch shown(const Subset& batch) const {
    const Tensor x = images.batch(batch.images);
    return {x, labels_of(batch, x.device())};
  }

  /// Calls visit(batch, epoch) for all batches of the outer loss, augmented as in training, in every epoch.
  void each_judge(const Subset& judges, Split split,
                  const std::function<void(const LabelledBatch&, int)>& visit) const {
    for (int epoch = 0; epoch < options.epochs; ++epoch) {
      const std::vector<Subset> batches = batches_of(judges, split, epoch);
      std::vector<BatchRequest> requests;
      BatchDraws draws{key, task, counter(split, epoch), 0};
      for (const Subset& batch : batches) {
        requests.push_back({batch.images, given.training.augmentation, draws});
        draws.first_sample += static_cast<uint32_t>(batch.size());
      }
      images.prefetch(requests);
      for (size_t i = 0; i < batches.size(); ++i) {
        stop_if_asked();
        const Tensor x = images.assemble(requests[i]);
        visit({x, labels_of(batches[i], x.device())}, epoch);
      }
    }
  }
};

void learn_through_steps(const Lesson& lesson, ParameterBlock& block, const Subset& exemplars, const Subset& judges,
                         Split split) {
  if (exemplars.size() == 0) return;
  std::vector<Subset> waiting;
  int turns = lesson.options.epochs;  // the passes over the images of the outer loss have the numbers below
  lesson.each_judge(judges, split, [&](const LabelledBatch& judge, int) {
    if (waiting.empty()) waiting = lesson.batches_of(exemplars, split, turns++);
    const Tensor gradient =
        gradient_through_step(*lesson.net, block, lesson.shown(waiting.back()), judge, lesson.options.step);
    NoGrad numbers_only;
    lesson.images.change(waiting.back().images, scale(gradient, -lesson.options.lr));
    waiting.pop_back();
  });
}

void learn_through_steps(const Lesson& lesson) {
  ParameterBlock block(
      *lesson.net, [&](const std::string& name) { return lesson.given.trainable_parts(lesson.net->part_of(name)); });
  const Subset one = half_of(lesson.old_exemplars, 0), other = half_of(lesson.old_exemplars, 1);
  learn_through_steps(lesson, block, lesson.new_exemplars, lesson.given.new_images, new_ones);
  learn_through_steps(lesson, block, one, other, one_half);
  learn_through_steps(lesson, block, other, one, other_half);
}

/// The released code's way: exemplars are learned by the class means of their features.
class MeansOfFeatures {
 public:
  explicit MeansOfFeatures(const Lesson& lesson)
      : lesson_(lesson),
        old_(lesson.batches_of(lesson.old_exemplars, one_half, 0)),
        batches_(lesson.batches_of(lesson.new_exemplars, new_ones, lesson.options.epochs)),
        velocities_(batches_.size()) {
    for (const std::vector<Subset>& all : {old_, batches_})
      for (const Subset& batch : all)
        for (const int label : batch.labels) ++counts_[static_cast<size_t>(label)];
    old_sums_ = sums_of(old_);
  }

  /// Takes one gradient step of the pixels.
  void learn(const LabelledBatch& judge, double rate) {
    Tensor means = means_now();
    means.requires_grad();
    backward(cross_entropy(matmul(normalize_rows(features(judge.images)), normalize_rows(means), Transpose::second),
                           judge.labels));
    const Tensor per_exemplar = div(means.grad(), column(counts_));
    for (size_t i = 0; i < batches_.size(); ++i) learn(i, per_exemplar, rate);
  }

 private:
  Tensor features(const Tensor& images) const { return lesson_.net->forward(images, inference_mode).features.pooled; }

  Tensor column(const std::vector<double>& values) const {
    return Tensor::from(values, {static_cast<int64_t>(values.size()), 1}, lesson_.given.task.tensor_options);
  }

  /// The sum of the exemplars' features per class, (classes, D); undefined without exemplars.
  Tensor sums_of(const std::vector<Subset>& batches) const {
    NoGrad numbers_only;
    Tensor sums;
    for (const Subset& batch : batches) {
      std::vector<double> members(counts_.size() * batch.size());
      for (size_t i = 0; i < batch.size(); ++i) members[static_cast<size_t>(batch.labels[i]) * batch.size() + i] = 1;
      const Tensor chosen = Tensor::from(members, {std::ssize(counts_), static_cast<int64_t>(batch.size())},
                                         lesson_.given.task.tensor_options);
      const Tensor part = matmul(chosen, features(lesson_.shown(batch).images));
      sums = sums ? add(sums, part) : part;
    }
    return sums;
  }

  Tensor means_now() const {
    NoGrad numbers_only;
    const Tensor sums = sums_of(batches_);
    return div(old_sums_ ? add(old_sums_, sums) : sums, column(counts_)).detach();
  }

  void learn(size_t batch, const Tensor& per_exemplar, double rate) {
    const LabelledBatch now = lesson_.shown(batches_[batch]);
    Tensor x = now.images.detach();
    x.requires_grad();
    backward(features(x), index_select(per_exemplar, now.labels));
    NoGrad numbers_only;
    const Tensor push = add(x.grad(), scale(now.images, released_decay));
    Tensor& velocity = velocities_[batch];
    velocity = velocity ? add(scale(velocity, released_momentum), push) : push;
    lesson_.images.change(batches_[batch].images, scale(velocity, -rate));
  }

  const Lesson& lesson_;
  std::vector<double> counts_ = std::vector<double>(static_cast<size_t>(lesson_.given.task.classes()));
  std::vector<Subset> old_, batches_;  // of exemplars
  std::vector<Tensor> velocities_;     // one for each of batches_
  Tensor old_sums_;
};

void learn_by_means(const Lesson& lesson) {
  MeansOfFeatures means(lesson);
  Subset judges = lesson.given.new_images;
  judges.append(lesson.old_exemplars);
  lesson.each_judge(judges, new_ones, [&](const LabelledBatch& judge, int epoch) {
    means.learn(judge, lesson.options.lr * std::pow(released_factor, epoch));
  });
  lesson.images.truncate();
}

}  // namespace

Tensor gradient_through_step(IncrementalNet& net, ParameterBlock& block, const LabelledBatch& exemplars,
                             const LabelledBatch& judges, double step) {
  const Tensor before = block.values().clone();
  Tensor values = block.values();
  const auto move = [&](const Tensor& direction, double length) {
    NoGrad numbers_only;
    values.copy_from(add(before, scale(direction, length)));
  };
  weight_gradient(net, block, exemplars);
  move(block.gradients(), -step);
  weight_gradient(net, block, judges);
  const Tensor direction = block.gradients().clone();
  const double norm = block.gradient_norm();
  Tensor gradient = Tensor::zeros(exemplars.images.shape(), exemplars.images.options());
  if (norm > 0) {  // with a single class the gradient is 0
    const double h = small_step(before.dtype()) / norm;
    move(direction, h);
    const Tensor ahead = image_gradient(net, block, exemplars);
    move(direction, -h);
    const Tensor behind = image_gradient(net, block, exemplars);
    NoGrad numbers_only;
    gradient = scale(sub(ahead, behind), -step / (2 * h));
  }
  values.copy_from(before);
  block.clear_gradients();
  return gradient;
}

void learn_exemplars(const ExemplarTraining& given, const ExemplarLearningOptions& options, LearnedImages& images) {
  const Lesson lesson{given, options, images};
  options.as_released ? learn_by_means(lesson) : learn_through_steps(lesson);
}

}  // namespace mneme
