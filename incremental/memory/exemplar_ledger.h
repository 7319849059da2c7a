#pragma once
// The exemplar ledger of a run, stored as exemplars.csv: which images were kept after which task, and at which rank.
// Another run can take its exemplars from this file instead of choosing its own, so that methods are compared on the
// same memory.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "incremental/memory/exemplars.h"
#include "incremental/protocol/scenario.h"

namespace mneme {

/// One exemplar in the ledger.
struct ExemplarRow {
  int task = 0;            ///< after which task it was kept, from 0
  int class_label = 0;     ///< global label
  int rank = 0;            ///< place in the ranking of its class, from 0
  std::int64_t index = 0;  ///< image in the training set
  double distance = 0;     ///< what the selection ranked by, see Exemplar::distance
};

/// Reads the text that RunFolder::write_exemplars wrote, or an older version, which wrote no names; `first_task` is
/// what the text calls the first task. Throws Error for any other text and for an empty ledger; the message starts with
/// `name` and the line.
std::vector<ExemplarRow> parse_ledger(const std::string& csv, const std::string& name, int first_task = 1);

/// The memory after `task`, when `classes` classes are known: per class, the exemplars in the order of their ranks.
/// Throws Error if the ledger lists other classes for this task or ranks that are not 0, 1, 2, ...; the message starts
/// with `name`.
std::vector<std::vector<Exemplar>> memory_after(const std::vector<ExemplarRow>& ledger, int task, int classes,
                                                const std::string& name);

/// Checks that the exemplars could have been chosen in this scenario under this budget: after every task, every class
/// seen has at least one exemplar, no more than the budget allows, all different, and all of them training images of
/// that class. Throws Error otherwise; the message starts with `name`.
void check_ledger(const std::vector<ExemplarRow>& ledger, const Scenario& scenario, const MemoryBudget& budget,
                  const std::string& name);

}  // namespace mneme
