#include "incremental/regularisers/gradient_pass.h"

#include <cmath>
#include <set>

#include "engine/base/stop.h"
#include "engine/choose.h"
#include "engine/ops.h"
#include "incremental/losses/primitives.h"
#include "incremental/regularisers/parameter_ops.h"

namespace mneme {
namespace {

constexpr uint32_t draws_of_pass = 1 << 30;  // a value of the draws' epoch that no training epoch uses

ParameterBlock backbone_block(IncrementalNet& net) {
  std::set<std::string> names;
  net.backbone->each_state("", [&](const std::string& name, Tensor&, StateKind) { names.insert(name); });
  return ParameterBlock(net, [&](const std::string& name) { return names.contains(name); });
}

/// The positions of the images in the task's subset, batch after batch.
struct Plan {
  std::vector<int> order;
  size_t batch, images;
};

Plan plan_of(const TaskEnd& end, const ImportanceOptions& options) {
  const size_t all = end.new_images.size(), wanted = options.images ? static_cast<size_t>(options.images) : all;
  Plan plan{permutation(random_key(end.seed, Stream::importance), static_cast<uint32_t>(end.task.task), 0,
                        static_cast<int>(all)),
            1, std::min(wanted, all)};
  if (!options.as_released) return plan;
  plan.batch = std::min(static_cast<size_t>(end.batch_size), all);
  const size_t batches = options.images ? wanted / plan.batch + 1 : all / plan.batch;
  plan.images = std::min(batches, all / plan.batch) * plan.batch;
  return plan;
}

Subset batch_at(const TaskEnd& end, const Plan& plan, size_t first) {
  Subset batch;
  for (size_t i = first; i < first + plan.batch; ++i) {
    const auto position = static_cast<size_t>(plan.order[i]);
    batch.append({{end.new_images.images[position]}, {end.new_images.labels[position]}});
  }
  return batch;
}

int drawn_label(const std::vector<double>& probabilities, double u) {
  for (size_t k = 0; k < probabilities.size(); ++k)
    if ((u -= probabilities[k]) < 0) return static_cast<int>(k);
  return static_cast<int>(probabilities.size()) - 1;
}

Tensor drawn_labels(const TaskEnd& end, const Tensor& logits, int64_t first) {
  NoGrad numbers_only;
  const RandomKey key = random_key(end.seed, Stream::importance);
  const std::vector<double> p = softmax(logits).values();
  std::vector<int> labels;
  for (int64_t n = 0; n < logits.dim(0); ++n) {
    const RandomCounter counter{static_cast<uint32_t>(end.task.task), 1, static_cast<uint32_t>(first + n), 0};
    const auto row = p.begin() + n * logits.dim(1);
    labels.push_back(drawn_label({row, row + logits.dim(1)}, uniform01_double(key, counter)));
  }
  return Tensor::from(labels, {logits.dim(0)}, logits.device());
}

Tensor labels_for(const TaskEnd& end, FisherLabels kind, const Tensor& logits, const Tensor& truth, int64_t first) {
  if (kind == FisherLabels::truth) return truth;
  if (kind == FisherLabels::drawn) return drawn_labels(end, logits, first);
  return topk(logits.detach(), 1).reshaped({logits.dim(0)});
}

}  // namespace

int64_t each_gradient(const TaskEnd& end, const ImportanceOptions& options, const PassLoss& loss,
                      const PassVisit& visit) {
  const Plan plan = plan_of(end, options);
  ParameterBlock block = backbone_block(end.net);
  const RandomKey augment = random_key(end.seed, Stream::augment);
  for (size_t first = 0; first < plan.images; first += plan.batch) {
    stop_if_asked();
    const Subset batch = batch_at(end, plan, first);
    const BatchDraws draws{augment, static_cast<uint32_t>(end.task.task), draws_of_pass, static_cast<uint32_t>(first)};
    const Tensor images =
        options.as_released ? end.images.batch(batch.images, end.augmentation, draws) : end.images.batch(batch.images);
    const Tensor labels = Tensor::from(batch.labels, {static_cast<int64_t>(batch.size())}, images.device());
    const Tensor logits = end.net.forward(images, options.as_released ? training_mode : inference_mode).scores.logits;
    block.clear_gradients();
    backward(loss(logits, labels, static_cast<int64_t>(first)));
    visit(block.gradients(), static_cast<int64_t>(batch.size()));
  }
  return static_cast<int64_t>(plan.images);
}

Tensor fisher_information(const TaskEnd& end, const ImportanceOptions& options) {
  Tensor fisher;
  const int64_t images = each_gradient(
      end, options,
      [&](const Tensor& logits, const Tensor& labels, int64_t first) {
        return cross_entropy(logits, labels_for(end, options.labels, logits, labels, first));
      },
      [&](const Tensor& gradient, int64_t count) {
        if (!fisher) fisher = Tensor::zeros(gradient.shape(), gradient.options());
        add_squares(fisher, gradient, static_cast<double>(count));
      });
  NoGrad numbers_only;
  return scale(fisher, 1 / static_cast<double>(images));
}

}  // namespace mneme
