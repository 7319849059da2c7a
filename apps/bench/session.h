#pragma once
// The work being timed: the step the trainer takes, on random images, and its parts one by one.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "data/batches/augment.h"
#include "engine/capture.h"
#include "incremental/method/method.h"
#include "layers/block.h"
#include "layers/network.h"
#include "optim/sgd.h"

namespace mneme {

struct SessionOptions {
  std::string network = "resnet32";
  int size = 0;  ///< a side of the images, in pixels; 0: what the network is meant for
  int batch_size = 128, classes = 100;
  int tasks = 1;            ///< the classes are spread over so many heads
  bool teacher = false;     ///< a step of LwF: the old model answers too, and its answers are distilled
  bool evaluation = false;  ///< forward in inference mode instead of training
  Device device = Device::cpu;
};

/// The side of a session's images.
int side_of(const SessionOptions& options);

/// Told the name of each part of a step as it ends.
using PartEnded = std::function<void(const char* part)>;

class Session {
 public:
  /// Throws UsageError for impossible sizes.
  explicit Session(const SessionOptions& options);

  /// One step, finished when it returns; captured and replayed where the trainer's is. `ended` may be empty; otherwise
  /// the step is run call by call.
  void step(const PartEnded& ended = {});

 private:
  struct Batch {
    Tensor images, labels;
  };
  Batch next_batch(const Augmentation& augmentation);
  void train(const PartEnded& ended);
  void issue_training(const Batch& batch, const PartEnded& ended);
  void evaluate(const PartEnded& ended);
  void add_classes(int tasks);

  SessionOptions options_;
  ResidentImages pixels_;
  DeviceImages images_;
  Factory factory_;
  IncrementalNet net_;
  std::unique_ptr<IncrementalNet> teacher_;
  Method method_;
  TaskContext task_;
  std::unique_ptr<ParameterBlock> block_;
  std::unique_ptr<Sgd> sgd_;
  GraphedStep repeated_;
  Tensor rate_, factor_, loss_;
  uint32_t steps_done_ = 0;
};

}  // namespace mneme
