// Compares the presets with a stored list of every row of every published table. The list was typed from the papers,
// not from the presets.

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "apps/common/tables.h"
#include "apps/presets/cifar100_presets.h"
#include "apps/presets/imagenet32_presets.h"
#include "apps/presets/large_presets.h"
#include "apps/presets/svhn_presets.h"
#include "engine/base/error.h"
#include "tests/support/golden.h"

namespace mneme::test {
namespace {

/// A row's work, table, name and setting.
using Place = std::tuple<std::string, std::string, std::string, std::string>;
using Rows = std::map<Place, std::vector<TableRow>>;

std::string text_of(const Place& place) {
  const auto& [work, table, row, setting] = place;
  return fmt::format("{}, table {}: {} | {}", work, table, row, setting);
}

Rows listed_rows() {
  Rows rows;
  const auto take = [&](const TableRow& row) { rows[{row.work, row.table, row.row, row.setting}].push_back(row); };
  for (const auto presets :
       {cifar100_presets, svhn_presets, imagenet32_presets, imagenet100_presets, imagenet_presets, landmarks_presets})
    for (const Preset& preset : presets())
      for (const TableRow& row : preset.rows) take(row);
  for (const auto missing : {cifar100_rows_not_offered, imagenet100_rows_not_offered, imagenet_rows_not_offered})
    for (const TableRow& row : missing()) take(row);
  return rows;
}

/// A row's numbers and curves by key, in the unit in which the stored list has them.
nlohmann::json numbers_of(const TableRow& row, double unit) {
  nlohmann::json numbers = nlohmann::json::object();
  for (const PublishedNumber& number : row.numbers) numbers[number.key] = unit * number.value;
  for (const PublishedCurve& curve : row.curves) {
    numbers[curve.key] = nlohmann::json::array();
    for (const double value : curve.values) numbers[curve.key].push_back(unit * value);
  }
  return numbers;
}

/// Rounds a number, so that 0.438 and 43.8 percent compare as equal.
nlohmann::json rounded(const nlohmann::json& value) {
  if (value.is_number()) return std::round(value.get<double>() * 1e4) / 1e4;
  nlohmann::json out = value;
  for (auto& part : out) part = rounded(part);
  return out;
}

/// The numbers of one cell of the stored list, by key. Numbers that the paper does not print are left out.
nlohmann::json printed_in(const nlohmann::json& table, const nlohmann::json& cell) {
  nlohmann::json numbers = nlohmann::json::object();
  for (size_t i = 0; i < cell.size(); ++i)
    if (!cell[i].is_null()) numbers[table["keys"][i].get<std::string>()] = cell[i];
  return numbers;
}

TEST_CASE("every row of every published table is offered, or listed with the reason why not, with every number") {
  Rows rows = listed_rows();
  int cells = 0;
  const nlohmann::json stored = golden_file("published_tables.json");
  for (const nlohmann::json& table : stored["tables"]) {
    const double unit = table["unit"] == "percent" ? 100 : 1;
    for (const auto& [name, settings] : table["rows"].items())
      for (size_t s = 0; s < settings.size(); ++s) {
        const Place place = {table["work"], table["table"], name, table["settings"][s]};
        const nlohmann::json printed = printed_in(table, settings[s]);
        if (printed.empty() && !table["keys"].empty()) continue;  // the paper's cell is empty as well
        ++cells;
        const auto found = rows.find(place);
        CHECK_MESSAGE(found != rows.end(), "missing: ", text_of(place));
        if (found == rows.end()) continue;
        for (const TableRow& row : found->second)
          CHECK_MESSAGE(rounded(numbers_of(row, unit)) == rounded(printed), text_of(place));
        rows.erase(found);
      }
  }
  CHECK(cells == 386);
  for (const auto& [place, more] : rows) CHECK_MESSAGE(false, "in no published table: ", text_of(place));
}

TEST_CASE("a row that is not repeated faithfully says why, in one line, and a faithful one needs no reason") {
  for (const auto& [place, rows] : listed_rows())
    for (const TableRow& row : rows) {
      CAPTURE(text_of(place));
      CHECK((row.fidelity == Fidelity::faithful) == row.reason.empty());
      CHECK(row.reason.find('\n') == std::string::npos);
    }
}

TEST_CASE("rows that are known to differ are marked") {
  const auto fidelity = [](const char* preset, const std::vector<Preset>& presets) {
    return preset_named(preset, presets).rows.at(0).fidelity;
  };
  CHECK(fidelity("rethinking-lwf-5-tasks", svhn_presets()) == Fidelity::not_comparable);
  CHECK(fidelity("rethinking-lwf-5-tasks", imagenet100_presets()) == Fidelity::not_comparable);
  CHECK(fidelity("il-baseline-meta-5-steps", cifar100_presets()) == Fidelity::assumed);
  CHECK(fidelity("il-baseline-5-steps", cifar100_presets()) == Fidelity::faithful);
  for (const PublishedNumber& number : published_numbers(preset_named("rethinking-lwf-5-tasks", svhn_presets()))) {
    CHECK_FALSE(number.comparable);
    CHECK(number.note.starts_with("not comparable: the released configuration scales digits to 224x224"));
  }
}

TEST_CASE("a preset that stands in several tables is one run, and a number that they share is printed once") {
  const Preset& preset = preset_named("il-baseline-balanced-5-steps", cifar100_presets());
  CHECK(preset.rows.size() == 4);
  const std::vector<PublishedNumber> numbers = published_numbers(preset);
  REQUIRE(numbers.size() == 3);
  CHECK(numbers[0].source ==
        "Table 1, IL-Baseline w/ BalancedS-CE; Table 2, alpha = 1.0; Table 3, BalancedS-CE; Table 4, + BalancedS-CE");
  CHECK(numbers[2].value == .5208);
  std::vector<Preset> all = {{"a", "", {"--tasks", "2"}}};
  CHECK_THROWS_WITH_AS(add(all, {"a", "", {"--tasks", "3"}}), "two presets are called a and have different flags",
                       Error);
}

TEST_CASE("the verb tables and --list-presets print every number in per cent, each under its name") {
  const Preset preset = {"p",
                         "summary",
                         {},
                         {{"work",
                           "7",
                           "LwF",
                           "ten tasks",
                           Fidelity::faithful,
                           "",
                           {{"final_accuracy_task_agnostic", .302, .0115}, {"final_accuracy_task_aware", .61}},
                           {{"accuracy_per_step_task_aware", {.9, .752}}}}}};
  CHECK(tables_text("cifar100", {preset}, {}, {}) ==
        "work, table 7: LwF | ten tasks\n  --preset p (faithful)\n"
        "  published final_accuracy_task_agnostic 30.20 % ± 1.15\n  published final_accuracy_task_aware 61.00 %\n"
        "  published accuracy_per_step_task_aware 90.00 75.20 %\n");
  const std::string list = list_of({preset});
  CHECK(list.find("published final_accuracy_task_agnostic 30.20 % (Table 7, LwF)") != std::string::npos);
  CHECK(list.find("published final_accuracy_task_aware 61.00 % (Table 7, LwF)") != std::string::npos);
}

TEST_CASE("the verb tables prints rows as text, as JSON and as names") {
  const auto ask = [](const TablesFlags& flags) {
    return tables_text("cifar100", cifar100_presets(), cifar100_rows_not_offered(), flags);
  };
  const std::string text = ask({.work = "balanced-softmax", .table = "3"});
  CHECK(text.find("balanced-softmax, table 3: Meta BalancedS-CE | CIFAR-100, 5 steps, 20 per class\n"
                  "  --preset il-baseline-meta-5-steps (assumed): the paper gives neither optimiser") !=
        std::string::npos);
  CHECK(ask({.work = "mnemonics"}).find("\n  not offered: the code trains it") != std::string::npos);
  const nlohmann::json json = nlohmann::json::parse(ask({.work = "balanced-softmax", .table = "4", .as_json = true}));
  CHECK(json.size() == 8);
  CHECK(json[0]["preset"] == "il-baseline-5-steps");
  CHECK(json[0]["program"] == "cifar100");
  CHECK(json[0]["numbers"][0]["value"] == .438);
  const std::string names = ask({.work = "balanced-softmax", .table = "4", .names_only = true});
  CHECK(names.starts_with("il-baseline-5-steps\n"));
  CHECK(std::count(names.begin(), names.end(), '\n') == 8);
  CHECK(ask({.work = "balanced-softmax", .only = {"lucir-5-steps"}, .names_only = true}) == "lucir-5-steps\n");
  CHECK_THROWS_WITH_AS(ask({.work = "balanced-softmax", .only = {"lucir-5-step"}}),
                       "lucir-5-step is no row of balanced-softmax (cifar100 tables lists them)", UsageError);
  CHECK_THROWS_WITH_AS(ask({.work = "balanced-softmax", .table = "7"}),
                       "cifar100 knows no rows of balanced-softmax, table 7 (cifar100 tables lists what there is)",
                       UsageError);
}

}  // namespace
}  // namespace mneme::test
