#include "incremental/memory/exemplar_ledger.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "data/files/csv.h"
#include "data/files/whole_number.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

constexpr const char *head = "task,class,name,original_label,rank,index,distance",
                     *head_without_names = "task,class,rank,index,distance";

template <class Number>
bool read_cell(const std::string& cell, Number& value) {
  const std::optional<Number> number = whole_number<Number>(cell);
  if (number) value = *number;
  return number.has_value();
}

bool read_distance(const std::string& cell, double& value) {
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return error == std::errc() && end == cell.data() + cell.size();
}

/// Reads a row whose rank stands in column `rank`; between it and the class may be names.
bool read_row(const CsvRow& from, size_t rank, ExemplarRow& row) {
  const std::vector<std::string>& cells = from.fields;
  return !from.fault && cells.size() == rank + 3 && read_cell(cells[0], row.task) &&
         read_cell(cells[1], row.class_label) && read_cell(cells[rank], row.rank) &&
         read_cell(cells[rank + 1], row.index) && read_distance(cells[rank + 2], row.distance) && row.index >= 0 &&
         row.index <= std::numeric_limits<int>::max();
}

/// The global label of each training image.
std::map<std::int64_t, int> classes_of_images(const Scenario& scenario) {
  std::map<std::int64_t, int> classes;
  for (const Subset& subset : scenario.train)
    for (std::size_t i = 0; i < subset.size(); ++i) classes[subset.images[i]] = subset.labels[i];
  return classes;
}

}  // namespace

std::vector<ExemplarRow> parse_ledger(const std::string& csv, const std::string& name, int first_task) {
  std::vector<ExemplarRow> ledger;
  CsvReader reader(csv);
  CsvRow from;
  if (reader.next(from)) {
    const std::string found = fmt::format("{}", fmt::join(from.fields, ","));
    const bool named = found == head;
    MNEME_CHECK(named || found == head_without_names, "{}, line {}: expected {}", name, from.line, head);
    for (ExemplarRow row; reader.next(from); ledger.push_back(row)) {
      MNEME_CHECK(read_row(from, named ? 4 : 2, row) && row.task >= first_task,
                  "{}, line {}: expected {}, all but names as numbers", name, from.line,
                  named ? head : head_without_names);
      row.task -= first_task;
    }
  }
  MNEME_CHECK(!ledger.empty(), "{} lists no exemplars", name);
  return ledger;
}

std::vector<std::vector<Exemplar>> memory_after(const std::vector<ExemplarRow>& ledger, int task, int classes,
                                                const std::string& name) {
  std::vector<std::vector<Exemplar>> memory(static_cast<std::size_t>(classes));
  for (const ExemplarRow& row : ledger) {
    if (row.task != task) continue;
    MNEME_CHECK(row.class_label >= 0 && row.class_label < classes,
                "{}: exemplars of class {} after task {}, when {} classes are known; was it a run of the same tasks?",
                name, row.class_label, task + 1, classes);
    auto& exemplars = memory[static_cast<std::size_t>(row.class_label)];
    MNEME_CHECK(row.rank == std::ssize(exemplars), "{}: the ranks of class {} after task {} are not in order", name,
                row.class_label, task + 1);
    exemplars.push_back({static_cast<int>(row.index), row.distance});
  }
  return memory;
}

void check_ledger(const std::vector<ExemplarRow>& ledger, const Scenario& scenario, const MemoryBudget& budget,
                  const std::string& name) {
  const std::map<std::int64_t, int> class_of = classes_of_images(scenario);
  int classes = 0;
  for (int task = 0; task < scenario.tasks_to_run; ++task) {
    classes += scenario.classes_per_task[static_cast<std::size_t>(task)];
    const auto memory = memory_after(ledger, task, classes, name);
    for (int k = 0; k < classes; ++k) {
      const auto& exemplars = memory[static_cast<std::size_t>(k)];
      MNEME_CHECK(!exemplars.empty(), "{}: no exemplars of class {} after task {}; was it a run of the same tasks?",
                  name, k, task + 1);
      const int most = budget.per_class(classes);
      MNEME_CHECK(static_cast<int>(exemplars.size()) <= most,
                  "{}: {} exemplars of class {} after task {}, and the memory here keeps {}; give both runs the same "
                  "memory",
                  name, exemplars.size(), k, task + 1, most);
      std::set<int> different;
      for (const Exemplar& exemplar : exemplars) {
        const auto found = class_of.find(exemplar.index);
        MNEME_CHECK(
            found != class_of.end() && found->second == k && different.insert(exemplar.index).second,
            "{}: image {} is no training image of class {} here, or is listed twice; data, class order, seed and "
            "validation split must be the same",
            name, exemplar.index, k);
      }
    }
  }
}

}  // namespace mneme
