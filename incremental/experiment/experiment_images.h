#pragma once
// The images of a run, on the device that computes.

#include <memory>
#include <optional>

#include "data/batches/image_set.h"
#include "data/batches/learned_images.h"
#include "incremental/training/trainer.h"

namespace mneme {

class ExperimentImages {
 public:
  /// `auxiliary` may be null. With `learn_pixels` the exemplars of the training set get pixels that can be learned.
  ExperimentImages(const Dataset& data, const OwnedDataset* auxiliary, bool learn_pixels, Device device);

  const ImageSource& train() const { return *train_; }
  const ImageSource& test() const { return *test_; }
  /// The training images with the learned pixels of exemplars; null if no pixels are learned.
  LearnedImages* learned() const { return learned_; }
  /// The auxiliary data set; null if there is none.
  const AuxiliaryImages* auxiliary() const { return auxiliary_ ? &*auxiliary_ : nullptr; }

 private:
  std::unique_ptr<ImageSource> train_;
  LearnedImages* learned_ = nullptr;  // the same object as train_ if pixels are learned, otherwise null
  std::unique_ptr<ImageSource> test_;
  std::optional<AuxiliaryImages> auxiliary_;
};

}  // namespace mneme
