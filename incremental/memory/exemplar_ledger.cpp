#include "incremental/memory/exemplar_ledger.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <set>
#include <string_view>

#include "engine/base/error.h"

namespace mneme {
namespace {

constexpr std::string_view head = "task,class,rank,index,distance";

/// Removes the first cell of a line and parses it. False if it is not one whole number.
template <class Number>
bool take_cell(std::string_view& line, Number& value) {
  const std::string_view cell = line.substr(0, line.find(','));
  line.remove_prefix(std::min(line.size(), cell.size() + 1));
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return error == std::errc() && end == cell.data() + cell.size();
}

bool read_row(std::string_view line, ExemplarRow& row) {
  return std::count(line.begin(), line.end(), ',') == 4 && take_cell(line, row.task) &&
         take_cell(line, row.class_label) && take_cell(line, row.rank) && take_cell(line, row.index) &&
         take_cell(line, row.distance) && row.index >= 0 && row.index <= std::numeric_limits<int>::max();
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
  std::string_view rest = csv;
  for (int number = 1; !rest.empty(); ++number) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    ExemplarRow row;
    const bool well = number == 1 ? line == head : read_row(line, row) && row.task >= first_task;
    MNEME_CHECK(well, "{}, line {}: expected {}", name, number,
                number == 1 ? head : "task,class,rank,index,distance as numbers");
    row.task -= first_task;
    if (number > 1) ledger.push_back(row);
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
