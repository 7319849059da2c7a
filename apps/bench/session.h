#pragma once
// The work that is timed: the trainer's step on random images, as a whole and part by part.

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
  int size = 0;  ///< side of the images in pixels; 0: the size for which the network was designed
  int batch_size = 128, classes = 100;
  int tasks = 1;            ///< the number of heads over which the classes are spread
  bool teacher = false;     ///< time a step of LwF: the teacher runs forward as well, and its outputs are distilled
  bool evaluation = false;  ///< time a forward pass in inference mode instead of a training step
  Device device = Device::cpu;
};

/// The side of a session's images.
int side_of(const SessionOptions& options);

/// Called with the name of each part of a step when the part ends.
using PartEnded = std::function<void(const char* part)>;

class Session {
 public:
  /// Throws UsageError if the network cannot take images of this size.
  explicit Session(const SessionOptions& options);

  /// Runs one step and waits until it has finished. The step is captured as a graph and launched again where the
  /// trainer would do so; but if `ended` is given, every call of the step is made one by one.
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
