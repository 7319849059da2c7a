#pragma once
// In which order, and how often, an epoch shows a pool's images. Spec: rebalancing 6 and 7.3.

#include <string>
#include <vector>

#include "engine/random.h"
#include "incremental/scenario.h"
#include "incremental/task.h"

namespace mneme {

enum class Sampling {
  shuffled,  ///< every image once
  memory,    ///< as many draws, with replacement: exemplars and new images equally often
  classes,   ///< as many draws, with replacement: every class equally often
  ratio      ///< every new image once, and in every batch the same share of exemplars, which take turns
};

struct SamplingOptions {
  Sampling kind = Sampling::shuffled;
  double replay_share = 0.2;  ///< ratio: exemplars per batch, as a share of it
};

/// "shuffled", "memory", "classes" or "ratio". Throws UsageError for other names.
Sampling sampling_named(const std::string& name);

/// The positions in `pool` that an epoch shows, batch after batch. Exemplars are the images of old classes; where there
/// are none (or nothing else), the order is shuffled. `epoch` tells epochs' draws apart.
std::vector<int> epoch_order(const SamplingOptions& options, const Pool& pool, const TaskContext& task, int batch_size,
                             RandomKey key, uint32_t epoch);

/// How many images such an epoch shows of a pool with so many exemplars and new images.
int64_t epoch_length(const SamplingOptions& options, int64_t exemplars, int64_t fresh, int batch_size);

}  // namespace mneme
