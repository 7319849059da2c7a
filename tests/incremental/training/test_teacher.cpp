// The teacher predicts and does not learn: its parameters and running statistics never change.

#include <doctest/doctest.h>

#include "tests/incremental/training/trainer_bench.h"

namespace mneme::test {
namespace {

TEST_CASE("the teacher is in inference mode: learning from it leaves its statistics and weights as they were") {
  for (const char* method : {"lwf", "lwm"}) {
    CAPTURE(method);
    TrainerBench bench(method);
    bench.learn(0);
    const std::unique_ptr<IncrementalNet> teacher = bench.net.frozen_copy();
    const State before = state_of(*teacher);
    bench.learn(1, teacher.get());
    CHECK(changed(before, state_of(*teacher)).empty());
    CHECK(before.at("bn1.running_mean") != state_of(bench.net).at("bn1.running_mean"));
  }
}

TEST_CASE("distillation is from the teacher's running statistics: a batch's other images do not change its answer") {
  TrainerBench bench("lwf");
  bench.learn(0);
  const std::unique_ptr<IncrementalNet> teacher = bench.net.frozen_copy();
  bench.options.batch_size = 100;
  bench.options.learning_rate = 1e-9;  // the second epoch's loss is that of the same weights
  bench.options.epochs = 1;
  bench.options.fix_bn = true;  // the student uses running statistics as well, so at first both agree
  bench.options.augmentation = {};
  bench.learn(1, teacher.get());
  const NoGrad numbers_only;
  const Tensor images = bench.images.batch(bench.scenario.train[1].images);
  const Tensor now = bench.net.forward(images, inference_mode).scores.logits,
               then = teacher->forward(images, inference_mode).scores.logits;
  const Tensor kept = distillation(slice_columns(now, 0, 2), then, 2, 1e-5);
  std::vector<int> local = bench.scenario.train[1].labels;
  for (int& label : local) label -= 2;
  const Tensor labels = Tensor::from(local, {static_cast<int64_t>(local.size())}, Device::cpu);
  CHECK(bench.steps.back().loss ==
        doctest::Approx(cross_entropy(slice_columns(now, 2, 4), labels).item() + kept.item()).epsilon(1e-4));
}

}  // namespace
}  // namespace mneme::test
