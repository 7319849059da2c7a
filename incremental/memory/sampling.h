#pragma once
// The order in which an epoch presents the images of a subset, and how often (docs/methods/protocol.md#sampling).

#include <functional>
#include <string>
#include <vector>

#include "data/batches/image_source.h"
#include "engine/base/random.h"
#include "incremental/protocol/scenario.h"
#include "incremental/protocol/task.h"

namespace mneme {

/// How an epoch samples its images.
enum class Sampling {
  shuffled,  ///< every image once, in random order
  memory,    ///< as many draws with replacement as images; exemplars and new images are equally likely
  classes,   ///< as many draws with replacement as images; all classes are equally likely
  ratio,     ///< every new image once; every batch contains the same share of exemplars, which are used in turn
  /// Like ratio, but a fixed number of exemplars is added to each batch of new images, and incomplete batches are
  /// dropped.
  split
};

/// Options of epoch_order().
struct SamplingOptions {
  Sampling kind = Sampling::shuffled;  ///< how an epoch samples
  double replay_share = 0.2;           ///< ratio: the share of exemplars in a batch
  int replay_batch = 32;               ///< split: the exemplars added to each batch of new images
  bool drop_last = false;              ///< drop an incomplete last batch, unless it is the only one
};

/// The sampling called "shuffled", "memory", "classes", "ratio" or "split". Throws UsageError for other names; the
/// message lists these.
Sampling sampling_named(const std::string& name);

/// The images of one epoch.
struct EpochOrder {
  std::vector<int> positions;  ///< positions in the subset, batch after batch
  int64_t per_batch = 1;       ///< images of a complete batch; the last batch may be smaller
};

/// The order in which an epoch presents `subset`. Exemplars are the images of old classes. If there are no exemplars,
/// or only exemplars, the order is shuffled. `epoch` selects the random draws, so that no two epochs share them.
EpochOrder epoch_order(const SamplingOptions& options, const Subset& subset, const TaskContext& task, int batch_size,
                       RandomKey key, uint32_t epoch);

/// The size of an epoch.
struct EpochSize {
  int64_t images = 0,  ///< images in the epoch
      per_batch = 1;   ///< images of a complete batch
};
/// The size of an epoch over a subset with this many exemplars and new images; epoch_order() returns the same sizes.
EpochSize epoch_size(const SamplingOptions& options, int64_t exemplars, int64_t new_images, int batch_size);

/// Draws `count` different numbers from 0..n-1 and returns them in the order drawn. `draw(m)` returns a uniform number
/// in 0..m-1. Requires count <= n.
std::vector<int> draw_some(int n, int count, const std::function<uint32_t(uint32_t)>& draw);

/// A request for min(count, n) different images of these n, without augmentation, to be presented together with the
/// batch whose draws are `batch`. Each batch gets another choice.
BatchRequest draw_beside(const std::vector<int>& images, int count, RandomKey key, const BatchDraws& batch);

}  // namespace mneme
