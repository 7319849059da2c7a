#pragma once
// The exemplars in a checkpoint: the ledger of all that were stored so far, and the pixels that were learned.

#include <vector>

#include "data/batches/learned_images.h"
#include "incremental/experiment/storage/checkpoint.h"
#include "incremental/memory/exemplar_ledger.h"

namespace mneme {

/// Adds "ledger", whole numbers [exemplars, 4] (task, class, rank, index), and "ledger.distance", f64 [exemplars]. Adds
/// nothing for an empty ledger.
void save_ledger(Checkpoint& to, const std::vector<ExemplarRow>& ledger);
/// Reads what save_ledger() saved. Throws Error if its parts do not fit together.
std::vector<ExemplarRow> ledger_of(const Checkpoint& from);

/// Adds "learned.images", the indices of the images whose pixels were learned, and "learned.pixels", their pixels. Adds
/// nothing if no image was learned.
void save_learned_images(Checkpoint& to, const LearnedImages& images);
/// Leaves `images` as they are if the checkpoint holds no pixels.
void restore_learned_images(const Checkpoint& from, LearnedImages& images);

}  // namespace mneme
