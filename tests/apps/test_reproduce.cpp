// Tests of the command line of tools/reproduce.

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "tests/apps/program.h"
#include "tests/incremental/report/page_checks.h"
#include "tests/support/golden.h"
#include "tests/support/paths.h"

namespace mneme::test {
namespace {

const std::string reproduce =
    "MNEME_PROGRAMS='" + program_path() + "' '" + source_path("tools/reproduce").string() + "' ";

TEST_CASE("every row of a table is listed with its preset and what was published") {
  const Program program;
  const Said said = program.shell(reproduce + "balanced-softmax --table 4 --list");
  CHECK(said.code == 0);
  CHECK(occurrences(said.out, "balanced-softmax, table 4: ") == 8);
  CHECK(occurrences(said.out, "  published average_incremental_accuracy_task_agnostic ") == 8);
  CHECK(contains(said.out, "+ class oversampling | CIFAR-100, 5 steps\n  --preset il-baseline-5-steps-class-over"));
  const Said first = program.shell(reproduce + "balanced-softmax --table 1 --list");
  for (const char* setting : {"CIFAR-100, 10 steps", "SubImageNet, 5 steps", "| ImageNet, 5 steps"})
    CHECK_MESSAGE(contains(first.out, setting), setting);
  CHECK(contains(program.shell(reproduce + "bic --list").out, "not offered: BiC's own schedule"));
  const Said svhn =
      program.shell(reproduce + "rethinking-softmax --program svhn --only rethinking-lwf-s-5-tasks --list");
  CHECK(contains(svhn.out, "LwF-S | SVHN, 5 tasks\n  --preset rethinking-lwf-s-5-tasks (not comparable): "));
  CHECK(occurrences(svhn.out, "--preset ") == 1);
  CHECK(contains(program.shell(reproduce + "ss-il --list").out, "Landmarks, 10,000 classes"));
  CHECK(program.shell(reproduce + "--help").out.size() > 500);
}

TEST_CASE("every stored table is listed row by row, without a row too few or too many") {
  const Program program;
  for (const nlohmann::json& table : golden_file("published_tables.json")["tables"]) {
    const std::string work = table["work"], number = table["table"], head = work + ", table " + number + ": ";
    std::set<std::string> wanted, listed;
    for (const auto& [row, cells] : table["rows"].items())
      for (size_t s = 0; s < cells.size(); ++s) {
        const bool printed = std::ranges::any_of(cells[s], [](const nlohmann::json& cell) { return !cell.is_null(); });
        if (printed || table["keys"].empty())
          wanted.insert(head + row + " | " + table["settings"][s].get<std::string>());
      }
    std::istringstream lines(program.shell(reproduce + work + " --table " + number + " --list").out);
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with(head)) listed.insert(line);
    CHECK_MESSAGE(listed == wanted, head);
  }
}

TEST_CASE("what cannot be reproduced is refused in one line") {
  const Program program;
  const auto refused = [&](const std::string& words, const std::string& part) {
    const Said said = program.shell(reproduce + words);
    CHECK_MESSAGE(said.code == 2, words);
    CHECK_MESSAGE(contains(said.err, part), said.err);
    CHECK_MESSAGE(said.err.starts_with("reproduce: "), said.err);
    CHECK_MESSAGE(std::count(said.err.begin(), said.err.end(), '\n') == 1, said.err);
  };
  refused("", "say which work");
  refused("rethinking", "no program has rows of rethinking");
  refused("balanced-softmax", "say where the data set is");
  refused("bic --data .", "no row of bic has a preset");
  refused("balanced-softmax --program mnist --list",
          "--program is cifar100, svhn, imagenet32, imagenet100, imagenet or landmarks, not 'mnist'");
  refused("balanced-softmax --table", "--table needs a value");
  refused("balanced-softmax --table 7 --list", "no program has rows of balanced-softmax, table 7");
  refused("balanced-softmax --program svhn --list", "svhn knows no rows of balanced-softmax");
  refused("balanced-softmax --only lucir-5-step --list", "no program has lucir-5-step of balanced-softmax");
}

TEST_CASE("rows share their first task, become one page, and are left alone when they are finished") {
  const Program program;
  write_cifar(program);
  const std::string rows =
      reproduce +
      "balanced-softmax --table 4 --only il-baseline-5-steps-loss-rescaling,il-baseline-5-steps-class-oversampling "
      "--data data --out out --epochs 1 --network resnet8 --stop-after 2";
  const Said said = program.shell(rows);
  REQUIRE_MESSAGE(said.code == 0, said.err);
  CHECK(contains(said.out, "epochs cut to 1 a task, so numbers do not compare"));
  CHECK(said.out.ends_with("reproduce: out/comparison.html\n"));
  const auto settings_of = [&](const char* row) {
    return read_file(program.folder() / "out" / (std::string("il-baseline-5-steps-") + row) / "run.json");
  };
  CHECK_FALSE(contains(settings_of("class-oversampling"), "first_task_from"));
  CHECK(contains(settings_of("loss-rescaling"), "\"first_task_from\": \"out/il-baseline-5-steps-class-oversampling\""));
  const std::string page = read_file(program.folder() / "out/comparison.html");
  CHECK(contains(page, "Not as published (all runs):"));
  CHECK(contains(page, "<td>il-baseline (sampler classes)</td>"));
  CHECK(contains(page, "<td>il-baseline (prediction rescaled)</td>"));
  CHECK(contains(page, "<td class=n>57.01</td>"));
  CHECK(contains(page, "Table 4, + loss rescaling (assumed: the paper does not give how the weights are scaled"));

  const Said again = program.shell(rows);
  CHECK(again.code == 0);
  CHECK(occurrences(again.out, "this run is complete: ") == 2);
  CHECK(read_file(program.folder() / "out/comparison.html") == page);
  const Said other = program.shell(rows + " --lr 0.2");
  CHECK(other.code == 1);
  CHECK(
      contains(other.err, "reproduce: not finished: il-baseline-5-steps-class-oversampling il-baseline-5-steps-loss"));
}

}  // namespace
}  // namespace mneme::test
