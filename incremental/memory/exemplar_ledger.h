#pragma once
// exemplars.csv, the ledger of a run's memory: which images were kept after which task, and at which rank. Another run
// may take its exemplars from it instead of choosing its own, so that methods are compared on the same memory.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "incremental/memory/exemplars.h"
#include "incremental/protocol/scenario.h"

namespace mneme {

/// One stored exemplar: which image of the training set was kept for a class after a task, and at which place of the
/// ranking. `distance` is what the selection ranked by (herding: distance of the running mean to the class mean).
struct ExemplarRow {
  int task = 0;
  int class_label = 0;
  int rank = 0;
  std::int64_t index = 0;
  double distance = 0;
};

/// Reads what RunFolder::write_exemplars wrote. Throws Error, beginning with `name` and the line, for anything else.
std::vector<ExemplarRow> parse_ledger(const std::string& csv, const std::string& name);

/// The memory after `task`, when `classes` are known: what the ledger holds of it, by class and rank. Throws Error,
/// beginning with `name`, where it holds other classes or gaps in the ranks.
std::vector<std::vector<Exemplar>> memory_after(const std::vector<ExemplarRow>& ledger, int task, int classes,
                                                const std::string& name);

/// Throws Error, beginning with `name`, unless these exemplars could have been chosen in this scenario under this
/// budget: after every task, for every class seen, training images of that class, no more than the budget allows.
void check_ledger(const std::vector<ExemplarRow>& ledger, const Scenario& scenario, const MemoryBudget& budget,
                  const std::string& name);

}  // namespace mneme
