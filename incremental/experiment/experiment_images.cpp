#include "incremental/experiment/experiment_images.h"

namespace mneme {
namespace {

Subset all_images_of(const ImageSet& set) {
  Subset subset;
  for (int i = 0; i < set.size(); ++i) subset.append({{i}, {0}});
  return subset;
}

}  // namespace

ExperimentImages::ExperimentImages(const Dataset& data, const OwnedDataset* auxiliary, bool learn_pixels, Device device)
    : train_(data.train.source(device, DType::f32)) {
  if (learn_pixels) {
    auto learned = std::make_unique<LearnedImages>(std::move(train_), data.train.info, device);
    learned_ = learned.get();
    train_ = std::move(learned);
  }
  test_ = data.test.source(device, DType::f32);
  if (auxiliary)
    auxiliary_.emplace(auxiliary->train->source(device, DType::f32), auxiliary->test->source(device, DType::f32),
                       all_images_of(*auxiliary->train), all_images_of(*auxiliary->test));
}

}  // namespace mneme
