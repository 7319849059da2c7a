#include "apps/bench/session.h"

#include "engine/autograd.h"
#include "engine/device.h"
#include "engine/ops.h"
#include "engine/ops/converted_weights.h"
#include "incremental/methods/registry.h"

namespace mneme {
namespace {

constexpr uint64_t seed = 1;
// Larger than the caches of a core, because a run gathers its batches from a whole data set.
constexpr int64_t set_bytes = 12 << 20;

ResidentImages random_images(const SessionOptions& o) {
  ResidentImages set;
  set.info = {"random",
              3,
              side_of(o),
              side_of(o),
              std::vector<std::string>(static_cast<size_t>(o.classes)),
              {{0.5f, 0.5f, 0.5f}, {0.25f, 0.25f, 0.25f}}};
  const RandomKey key = random_key(seed, Stream::generated);
  const auto images = std::max<size_t>(set_bytes / set.info.image_bytes(), static_cast<size_t>(o.batch_size));
  set.pixels.resize(images * set.info.image_bytes());
  for (size_t i = 0; i < set.pixels.size(); i += 4) {
    const uint32_t word = random_words(key, {0, 0, static_cast<uint32_t>(i), 0}).word[0];
    for (size_t k = 0; k < 4; ++k) set.pixels[i + k] = static_cast<uint8_t>(word >> (8 * k));
  }
  set.labels.assign(images, 0);
  return set;
}

const SessionOptions& checked(const SessionOptions& o) {
  if (side_of(o) < 1) fail_usage("--size must be at least 1, got {}", o.size);
  if (o.batch_size < 1) fail_usage("--batch-size must be at least 1, got {}", o.batch_size);
  if (o.tasks < 1 || o.classes < o.tasks)
    fail_usage("--classes {} cannot be spread over --tasks {}", o.classes, o.tasks);
  if (o.teacher && o.tasks < 2)
    fail_usage("--teacher needs --tasks of at least 2: in the first task there is no old model");
  if (o.teacher && o.evaluation) fail_usage("--teacher and --eval exclude each other: evaluation asks no teacher");
  return o;
}

IncrementalNet make_net(const SessionOptions& o, Factory& factory) {
  auto backbone = make_backbone({.name = o.network}, factory);
  auto heads = std::make_unique<LinearHeads>(backbone->feature_size());
  return {std::move(backbone), std::move(heads)};
}

}  // namespace

int side_of(const SessionOptions& options) { return options.size ? options.size : side_meant_for(options.network); }

Session::Session(const SessionOptions& options)
    : options_(checked(options)),
      pixels_(random_images(options)),
      images_(pixels_, options.device),
      factory_(seed, options.device),
      net_(make_net(options, factory_)),
      method_(make_method(options.teacher ? "lwf" : "finetuning", {})),
      repeated_(options.device),
      rate_(Tensor::full({}, 1e-3, factory_.options())),  // small, so that training on random labels does not diverge
      factor_(Tensor::full({}, 1, factory_.options())),
      loss_(Tensor::full({}, 0, factory_.options())) {
  add_classes(options.tasks - 1);
  if (options.teacher) teacher_ = net_.frozen_copy();
  add_classes(options.tasks);
  task_ = {options.tasks - 1, net_.task_sizes, {}, false, factory_.options()};
  method_.begin_task(task_);
  if (options.evaluation) return;
  block_ = std::make_unique<ParameterBlock>(net_, [](const std::string&) { return true; });
  sgd_ = std::make_unique<Sgd>(*block_, SgdOptions{.momentum = 0.9, .weight_decay = 2e-4});
}

/// Adds heads until there are `tasks`. If the classes do not divide evenly, the first heads get one class more.
void Session::add_classes(int tasks) {
  for (int t = net_.tasks(); t < tasks; ++t)
    net_.add_classes((options_.classes + options_.tasks - 1 - t) / options_.tasks, factory_);
}

Session::Batch Session::next_batch(const Augmentation& augmentation) {
  const RandomKey key = random_key(seed, Stream::shuffle);
  std::vector<int> chosen(static_cast<size_t>(options_.batch_size)), labels(chosen.size());
  for (uint32_t i = 0; i < chosen.size(); ++i) {
    chosen[i] = static_cast<int>(uniform_int(key, {0, steps_done_, i, 0}, static_cast<uint32_t>(pixels_.size())));
    labels[i] = task_.old_classes() +
                static_cast<int>(uniform_int(key, {0, steps_done_, i, 1}, static_cast<uint32_t>(task_.new_classes())));
  }
  return {images_.batch(chosen, augmentation, {random_key(seed, Stream::augment), 0, steps_done_, 0}),
          Tensor::from(labels, {options_.batch_size}, options_.device)};
}

void Session::train(const PartEnded& ended) {
  const Batch batch = next_batch({.crop = Crop::pad_crop, .flip = true});
  if (ended) ended("gather and augment");
  if (ended)
    issue_training(batch, ended);
  else
    repeated_.run({batch.images, batch.labels}, [&](std::span<const Tensor> shown) {
      issue_training({shown[0], shown[1]}, {});
    });
  loss_.item();
}

void Session::issue_training(const Batch& batch, const PartEnded& part_ended) {
  const auto ended = [&](const char* part) {
    if (part_ended) part_ended(part);
  };
  block_->clear_gradients();
  NetOutput answers;
  if (teacher_) {
    NoGrad numbers_only;
    answers = teacher_->forward(batch.images, inference_mode);
    ended("teacher forward");
  }
  NetOutput student;
  {
    const ConvertedWeights for_the_pass(block_->parameters());
    student = net_.forward(batch.images, training_mode);
  }
  ended("forward");
  const Tensor loss = method_.loss({student, teacher_ ? &answers : nullptr, batch.labels, task_});
  loss_.copy_from(loss);
  ended("loss");
  backward(loss);
  ended("backward");
  sgd_->step(rate_, factor_, loss_);
  ended("update");
}

void Session::evaluate(const PartEnded& part_ended) {
  const auto ended = [&](const char* part) {
    if (part_ended) part_ended(part);
  };
  NoGrad numbers_only;
  const Batch batch = next_batch({});
  ended("gather");
  const Tensor logits = net_.forward(batch.images, inference_mode).scores.logits;
  ended("forward");
  logits.floats();
  ended("answers to the host");
}

void Session::step(const PartEnded& ended) {
  Backend& device = backend(options_.device);
  PartEnded synchronized;
  if (ended)
    synchronized = [&](const char* part) {
      device.synchronize();
      ended(part);
    };
  options_.evaluation ? evaluate(synchronized) : train(synchronized);
  device.synchronize();
  ++steps_done_;
}

}  // namespace mneme
