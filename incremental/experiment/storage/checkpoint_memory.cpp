#include "incremental/experiment/storage/checkpoint_memory.h"

#include "engine/base/error.h"

namespace mneme {

void save_ledger(Checkpoint& to, const std::vector<ExemplarRow>& ledger) {
  if (ledger.empty()) return;
  std::vector<int> rows;
  std::vector<double> distances;
  for (const ExemplarRow& r : ledger) {
    rows.insert(rows.end(), {r.task, r.class_label, r.rank, static_cast<int>(r.index)});
    distances.push_back(r.distance);
  }
  to.add_integers("ledger", rows, {std::ssize(ledger), 4});
  to.add_reals("ledger.distance", distances);
}

std::vector<ExemplarRow> ledger_of(const Checkpoint& from) {
  std::vector<ExemplarRow> ledger;
  if (!from.find("ledger")) return ledger;
  const std::vector<int> rows = from.find("ledger").ints();
  const std::vector<double> distances = from.find("ledger.distance").values();
  MNEME_CHECK(rows.size() == 4 * distances.size(), "its ledger has {} numbers for {} exemplars", rows.size(),
              distances.size());
  for (size_t i = 0; i < distances.size(); ++i)
    ledger.push_back({rows[4 * i], rows[4 * i + 1], rows[4 * i + 2], rows[4 * i + 3], distances[i]});
  return ledger;
}

void save_learned_images(Checkpoint& to, const LearnedImages& images) {
  if (images.images().empty()) return;
  to.add_integers("learned.images", images.images(), {std::ssize(images.images())});
  to.tensors.emplace_back("learned.pixels", images.pixels());
}

void restore_learned_images(const Checkpoint& from, LearnedImages& images) {
  if (const Tensor pixels = from.find("learned.pixels")) images.restore(from.find("learned.images").ints(), pixels);
}

}  // namespace mneme
