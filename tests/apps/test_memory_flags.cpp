// Tests of the flags that divide a memory among the classes.

#include <doctest/doctest.h>
#include <CLI/CLI.hpp>

#include "apps/command_line/command_line.h"
#include "apps/common/flags.h"
#include "tests/apps/resolve_alone.h"

namespace mneme::test {
namespace {

ExperimentOptions options_of(const std::vector<std::string>& words) {
  Flags flags;
  CLI::App app;
  add_flags(app, flags);
  CHECK(parse_arguments(app, words));
  resolve_alone(flags);
  return flags.experiment;
}

TEST_CASE("a total can be filled, and shared by all classes from the start") {
  const MemoryBudget budget = options_of({"--memory-total", "100", "--memory-fill", "--memory-shared-by", "40"}).memory;
  CHECK((budget.kind == MemoryBudget::Kind::total));
  CHECK(budget.fill);
  CHECK(budget.shared_by == 40);
  CHECK(options_of({"--memory-total", "100", "--selection", "first"}).selection == Selection::first);
}

TEST_CASE("ways of sharing that exclude each other, or share nothing, are refused") {
  CHECK_THROWS_WITH_AS((void)options_of({"--memory-fill"}),
                       "--memory-fill and --memory-shared-by say how a --memory-total is shared: give one", UsageError);
  CHECK_THROWS_WITH_AS((void)options_of({"--memory-per-class", "5", "--memory-shared-by", "9"}),
                       "--memory-fill and --memory-shared-by say how a --memory-total is shared: give one", UsageError);
  CHECK_THROWS_WITH_AS((void)options_of({"--memory-total", "9", "--memory-fill", "--memory-round-up"}),
                       "--memory-fill and --memory-round-up exclude each other: give one", UsageError);
}

}  // namespace
}  // namespace mneme::test
