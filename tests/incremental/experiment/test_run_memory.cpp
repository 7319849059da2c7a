// Tests of a run's memory, read from its ledger of exemplars.

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <sstream>

#include "data/files/file_bytes.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;

/// The ledger, by task and class.
using Ledger = std::map<int, std::map<int, std::vector<ExemplarRow>>>;

Ledger read_ledger(const fs::path& file) {
  Ledger ledger;
  std::istringstream lines(read_file(file));
  std::string line;
  std::getline(lines, line);
  CHECK(line == "task,class,name,original_label,rank,index,distance");
  while (std::getline(lines, line)) {
    ExemplarRow r;
    char comma;
    std::istringstream cells(line);
    std::string name, original_label;
    cells >> r.task >> comma >> r.class_label >> comma;
    std::getline(cells, name, ',');
    std::getline(cells, original_label, ',');
    CHECK(name == "class " + original_label);
    cells >> r.rank >> comma >> r.index >> comma >> r.distance;
    --r.task;  // files count from 1
    ledger[r.task][r.class_label].push_back(r);
  }
  return ledger;
}

std::vector<std::int64_t> images_of(const std::vector<ExemplarRow>& rows) {
  std::vector<std::int64_t> images;
  for (const ExemplarRow& row : rows) images.push_back(row.index);
  return images;
}

/// Runs six classes in three tasks, checks the properties that every ledger must have, and returns the ledger.
Ledger checked_ledger(ExperimentOptions o,
                      const std::function<void(const TaskContext&, const Subset&)>& at_start = {}) {
  o.scenario.tasks = 3;
  o.scenario.order = "shuffled:3";
  const ResidentDataset data = tiny_data(6, 8, 2);
  const ScratchFolder scratch;
  Experiment experiment(o, data);
  RunFolder folder(scratch / "run");
  ExperimentCallbacks callbacks;
  callbacks.on_task_start = [&](int, const TaskContext& context, const Subset& subset) {
    if (at_start) at_start(context, subset);
  };
  experiment.run(folder, callbacks);
  const Ledger ledger = read_ledger(folder.path() / "exemplars.csv");
  const Scenario& s = experiment.scenario();
  CHECK(ledger.size() == 3);
  for (const auto& [task, classes] : ledger) {
    CHECK(classes.size() == static_cast<size_t>(2 * (task + 1)));
    for (const auto& [label, rows] : classes) {
      const std::vector<int>& candidates =
          s.train[static_cast<size_t>(label / 2)].images;  // without the images that are held out for validation
      std::set<std::int64_t> different;
      for (size_t rank = 0; rank < rows.size(); ++rank) {
        CHECK(rows[rank].rank == static_cast<int>(rank));
        CHECK(data.train.labels[static_cast<size_t>(rows[rank].index)] == s.order[static_cast<size_t>(label)]);
        CHECK(std::count(candidates.begin(), candidates.end(), static_cast<int>(rows[rank].index)) == 1);
        different.insert(rows[rank].index);
      }
      CHECK(different.size() == rows.size());
    }
  }
  return ledger;
}

size_t total(const std::map<int, std::vector<ExemplarRow>>& classes) {
  size_t sum = 0;
  for (const auto& [label, rows] : classes) sum += rows.size();
  return sum;
}

ExperimentOptions remembering(MemoryBudget budget, Selection selection = Selection::herding) {
  ExperimentOptions o = tiny_options("il-baseline");
  o.memory = budget;
  o.selection = selection;
  return o;
}

TEST_CASE("a growing memory keeps as many images of every class, chosen once and never touched again") {
  for (const Selection selection : {Selection::herding, Selection::random, Selection::entropy, Selection::distance}) {
    const Ledger ledger = checked_ledger(remembering({MemoryBudget::Kind::per_class, 3, false}, selection));
    for (const auto& [task, classes] : ledger)
      for (const auto& [label, rows] : classes) {
        CHECK(rows.size() == 3);
        CHECK(images_of(rows) == images_of(ledger.at(label / 2).at(label)));
      }
  }
}

TEST_CASE("a total memory never holds more than its budget, and old classes keep the front of their ranking") {
  const Ledger ledger = checked_ledger(remembering({MemoryBudget::Kind::total, 10, false}));
  for (const auto& [task, share] : std::map<int, size_t>{{0, 5}, {1, 2}, {2, 1}}) {
    CHECK(total(ledger.at(task)) <= 10);
    for (const auto& [label, rows] : ledger.at(task)) CHECK(rows.size() == share);
  }
  for (const int label : {0, 1}) {
    const std::vector<std::int64_t> first = images_of(ledger.at(0).at(label));
    CHECK(images_of(ledger.at(1).at(label)) == std::vector(first.begin(), first.begin() + 2));
    CHECK(images_of(ledger.at(2).at(label)) == std::vector(first.begin(), first.begin() + 1));
  }
}

TEST_CASE("rounded up, as in FACIL, a total memory may exceed its budget by less than one image a class") {
  const Ledger ledger = checked_ledger(remembering({MemoryBudget::Kind::total, 10, true}));
  CHECK(total(ledger.at(1)) == 12);
  CHECK(total(ledger.at(2)) == 12);
}

TEST_CASE("asked to, a shrinking memory chooses old exemplars anew among all it still holds") {
  ExperimentOptions o = remembering({MemoryBudget::Kind::total, 10, false}, Selection::entropy);
  o.train.epochs = 3;
  o.reselect_old = true;
  const Ledger ledger = checked_ledger(o);
  bool another_choice = false;
  for (const int label : {0, 1}) {
    const std::vector<std::int64_t> first = images_of(ledger.at(0).at(label)),
                                    second = images_of(ledger.at(1).at(label));
    for (const std::int64_t image : second) {
      const auto rank = std::find(first.begin(), first.end(), image) - first.begin();
      CHECK(rank < 5);
      another_choice |= rank >= 2;  // truncation would have removed it
    }
  }
  CHECK(another_choice);
}

TEST_CASE("random exemplars depend on seed and class") {
  ExperimentOptions o = remembering({MemoryBudget::Kind::per_class, 4, false}, Selection::random);
  o.scenario.validation_fraction = 0;
  const Ledger one = checked_ledger(o), again = checked_ledger(o);
  o.seed = 2;
  const Ledger other = checked_ledger(o);
  const auto places = [](const Ledger& ledger, int label) {  // out of the class's eight images
    std::vector<std::int64_t> out = images_of(ledger.at(2).at(label));
    for (std::int64_t& image : out) image /= 6;
    return out;
  };
  int differing_seeds = 0, differing_classes = 0;
  for (int label = 0; label < 6; ++label) {
    CHECK(places(one, label) == places(again, label));
    differing_seeds += places(one, label) != places(other, label);
    if (label % 2 == 1) differing_classes += places(one, label) != places(one, label - 1);
  }
  CHECK(differing_seeds >= 5);
  CHECK(differing_classes >= 2);
}

TEST_CASE("a task trains on its images and the exemplars, and counts them by class") {
  checked_ledger(remembering({MemoryBudget::Kind::per_class, 2, false}),
                 [](const TaskContext& context, const Subset& subset) {
                   CHECK(context.has_exemplars == (context.task > 0));
                   std::vector<int64_t> expected(static_cast<size_t>(context.old_classes()), 2);
                   expected.insert(expected.end(), 2, 6);
                   CHECK(context.class_counts == expected);
                   CHECK(subset.size() == static_cast<size_t>(2 * context.old_classes() + 12));
                   CHECK(std::set<int>(subset.images.begin(), subset.images.end()).size() == subset.size());
                 });
}

TEST_CASE("a class with fewer images than exemplars asked for keeps them all") {
  const Ledger ledger = checked_ledger(remembering({MemoryBudget::Kind::per_class, 50, false}));
  for (const auto& [label, rows] : ledger.at(2)) CHECK(rows.size() == 6);
}

}  // namespace
}  // namespace mneme::test
