#pragma once
// In which order, and how often, an epoch shows a subset's images (docs/methods/protocol.md#sampling).

#include <functional>
#include <string>
#include <vector>

#include "data/batches/image_source.h"
#include "engine/base/random.h"
#include "incremental/protocol/scenario.h"
#include "incremental/protocol/task.h"

namespace mneme {

enum class Sampling {
  shuffled,  ///< every image once
  memory,    ///< as many draws, with replacement: exemplars and new images equally often
  classes,   ///< as many draws, with replacement: every class equally often
  ratio,     ///< every new image once, and in every batch the same share of exemplars, which take turns
  split      ///< the same, but so many exemplars beside a batch's new images, and whole batches alone
};

struct SamplingOptions {
  Sampling kind = Sampling::shuffled;
  double replay_share = 0.2;  ///< ratio: exemplars per batch, as a share of it
  int replay_batch = 32;      ///< split: exemplars beside the batch size's new images
  bool drop_last = false;     ///< a last batch that is not whole is left out, unless it is the only one
};

/// "shuffled", "memory", "classes", "ratio" or "split". Throws UsageError for other names.
Sampling sampling_named(const std::string& name);

struct EpochOrder {
  std::vector<int> positions;  ///< in the subset, batch after batch
  int64_t per_batch = 1;       ///< images of a whole batch; the last one may be smaller
};

/// What an epoch shows of `subset`. Exemplars are the images of old classes; where there are none (or nothing else),
/// the order is shuffled. `epoch` tells epochs' draws apart.
EpochOrder epoch_order(const SamplingOptions& options, const Subset& subset, const TaskContext& task, int batch_size,
                       RandomKey key, uint32_t epoch);

/// Of a subset with so many exemplars and new images: how many images such an epoch shows, and a whole batch has.
struct EpochSize {
  int64_t images = 0, per_batch = 1;
};
EpochSize epoch_size(const SamplingOptions& options, int64_t exemplars, int64_t new_images, int batch_size);

/// `count` of 0..n-1, none twice, in the order in which they are drawn; `draw(m)` gives a uniform number in 0..m-1.
std::vector<int> draw_some(int n, int count, const std::function<uint32_t(uint32_t)>& draw);

/// Up to `count` of these images, as they are and other ones each time, to be shown beside the batch that has these
/// draws.
BatchRequest draw_beside(const std::vector<int>& images, int count, RandomKey key, const BatchDraws& batch);

}  // namespace mneme
