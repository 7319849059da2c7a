// Tests of build/apps/report with folders that cifar100 wrote.

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/apps/program.h"
#include "tests/incremental/report/page_checks.h"

namespace mneme::test {
namespace {

/// One line on standard error that begins with the program's name and holds `part`; nothing on standard output.
void check_refused(const Said& said, int code, const std::string& part) {
  CHECK_MESSAGE(said.code == code, said.err);
  CHECK_MESSAGE(contains(said.err, part), said.err);
  CHECK_MESSAGE(said.err.starts_with("report: "), said.err);
  CHECK_MESSAGE(std::count(said.err.begin(), said.err.end(), '\n') == 1, said.err);
  CHECK(said.out.empty());
}

TEST_CASE("runs of one protocol become a page, others only when asked for") {
  const Program program;
  const auto trained = [&](const std::string& flags) { return program.run(tiny + "--quiet " + flags).code; };
  REQUIRE(trained("--method lwf --seeds 1,2 --out lwf") == 0);
  REQUIRE(trained("--method finetuning --out finetuning") == 0);
  REQUIRE(trained("--method finetuning --epochs 2 --out longer") == 0);

  const Said page = program.shell("\"$report\" compare lwf finetuning --out page.html");
  CHECK_MESSAGE(page.code == 0, page.err);
  CHECK(page.out == "page.html\n");
  CHECK(contains(read_file(program.folder() / "page.html"), "<td>lwf</td><td class=n>1, 2</td>"));

  check_refused(program.shell("\"$report\" compare lwf longer"), 1, "training/epochs 1 and 2");
  CHECK_FALSE(std::filesystem::exists(program.folder() / "comparison.html"));
  CHECK(program.shell("\"$report\" compare lwf longer --allow-different").out == "comparison.html\n");
  CHECK(contains(read_file(program.folder() / "comparison.html"), "These runs differ in protocol"));

  CHECK(program.shell("\"$report\" curves lwf finetuning").out == "curves.svg\n");
  const std::string curves = read_file(program.folder() / "curves.svg");
  for (const char* part : {"so far, task-agnostic<", "so far, task-aware<", ">lwf</text>", ">finetuning</text>"})
    CHECK(contains(curves, part));
  CHECK(program.shell("\"$report\" curves lwf finetuning --what forgetting --out f.svg").out == "f.svg\n");
  CHECK(contains(read_file(program.folder() / "f.svg"), ">Mean forgetting of the earlier tasks, task-aware<"));
  check_refused(program.shell("\"$report\" curves lwf --what loss"), 2, "loss");
  check_refused(program.shell("\"$report\" curves lwf longer"), 1, "training/epochs 1 and 2");

  CHECK(program.shell("\"$report\" last-layer lwf finetuning").out == "last-layer.svg\n");
  const std::string heads = read_file(program.folder() / "last-layer.svg");
  for (const char* title : {">lwf, seed 1<", ">lwf, seed 2<", ">finetuning<"}) CHECK(contains(heads, title));
}

TEST_CASE("report explains itself and refuses what it cannot read in one line") {
  const Program program;
  for (const char* verb : {"", "compare ", "curves ", "last-layer "}) {
    const Said help = program.shell(std::string("\"$report\" ") + verb + "--help");
    CHECK(help.code == 0);
    CHECK(help.err.empty());
    CHECK(help.out.size() > 200);
  }
  check_refused(program.shell("\"$report\""), 2, "compare, curves or last-layer");
  check_refused(program.shell("\"$report\" comapre x"), 2, "did you mean 'compare'?");
  check_refused(program.shell("\"$report\" compare"), 2, "RUN");
  check_refused(program.shell("\"$report\" compare nowhere"), 1, "nowhere: there is no such folder");
  check_refused(program.shell("\"$report\" last-layer ."), 1, "is no run's folder");
}

TEST_CASE("a preset's run says how it departs from what was published, and that numbers do not compare then") {
  const Program program;
  write_cifar(program);
  const Said said = program.run(
      "--data data --preset il-baseline-5-steps --epochs 1 --network resnet8 --stop-after 1 --no-models --seed 5 --out "
      "run");
  REQUIRE_MESSAGE(said.code == 0, said.err);
  CHECK(contains(said.out, "not as published, so that numbers do not compare: network/name is \"resnet8\""));
  const auto summary = nlohmann::json::parse(read_file(program.folder() / "run/summary.json"));
  CHECK(summary["departures"] ==
        nlohmann::json{"network/name is \"resnet8\" instead of \"resnet32\"", "tasks_to_run is 1 instead of 6",
                       "training/base_epochs is 1 instead of 250", "training/epochs is 1 instead of 250"});
  CHECK(summary["published"][0]["value"] == .438);
  CHECK(contains(read_file(program.folder() / "run/report.html"), "<b>Not as published:</b> network/name is"));
}

}  // namespace
}  // namespace mneme::test
