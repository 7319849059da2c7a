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

/// Tables, figures and the index of the runs in lwf, finetuning and longer.
void check_formats(const Program& program) {
  const auto report = [&](const std::string& arguments) { return program.shell("\"$report\" " + arguments); };
  const auto file = [&](const char* name) { return read_file(program.folder() / name); };
  CHECK(contains(report("table lwf finetuning").out, "task-agnostic (%)"));
  CHECK(report("table 'l[w]f' finetuning --format latex --out table.tex").out == "table.tex\n");
  CHECK(contains(file("table.tex"), "\\begin{tabular}{lrrrrrr}\n\\toprule"));
  const std::string csv = report("table lwf finetuning --format csv").out;
  CHECK(csv.starts_with("run,label,method,"));
  CHECK(contains(csv, "lwf/seed2,lwf,lwf,generated,2,"));
  CHECK(contains(report("table lwf --measures final_accuracy_task_aware").out, "final"));
  check_refused(report("table lwf --measures final_acuracy"), 1, "is no measure of summary.json");
  check_refused(report("table lwf --format excel"), 2, "excel");

  CHECK(report("curves lwf --prediction task-aware --out one.svg --width 84 --palette grey").out == "one.svg\n");
  CHECK_FALSE(contains(file("one.svg"), "task-agnostic<"));
  check_refused(report("curves lwf --out curves.gif"), 2, ".svg, .pdf or .png");
  const Said pdf = report("curves lwf --out curves.pdf"), png = report("curves lwf --out curves.png --dpi 96");
  if (pdf.code == 0) {
    CHECK(file("curves.pdf").starts_with("%PDF-1."));
    CHECK(png.code == 0);
    CHECK(file("curves.png").starts_with("\x89PNG"));
  } else {
    check_refused(pdf, 1, "this build has no librsvg");
  }

  CHECK(report("index .").out == "./index.html\n");
  CHECK(contains(file("index.html"), "<h1>4 runs below .</h1>"));
  CHECK(contains(file("index.html"), "href=\"lwf/seed1/report.html\""));
  check_refused(report("ranks lwf finetuning"), 1, "ranks need at least 3 methods");
}

TEST_CASE("runs of one protocol become a page, others only when asked for") {
  const Program program;
  const auto trained = [&](const std::string& flags) { return program.run(tiny + "--quiet " + flags).code; };
  REQUIRE(trained("--method lwf --seeds 1,2 --out lwf") == 0);
  REQUIRE(trained("--method finetuning --out finetuning") == 0);
  REQUIRE(trained("--method finetuning --epochs 2 --out longer") == 0);

  const Said page = program.shell("\"$report\" compare lwf finetuning --out page.html --quiet");
  CHECK_MESSAGE(page.code == 0, page.err);
  CHECK(page.out == "page.html\n");
  CHECK(contains(read_file(program.folder() / "page.html"), "<td>lwf</td><td class=n>1, 2</td>"));

  check_refused(program.shell("\"$report\" compare lwf longer"), 1, "training/epochs 1 and 2");
  CHECK_FALSE(std::filesystem::exists(program.folder() / "comparison.html"));
  CHECK(program.shell("\"$report\" compare lwf longer --allow-different --quiet").out == "comparison.html\n");
  CHECK(contains(read_file(program.folder() / "comparison.html"), "These runs differ in protocol"));

  CHECK(program.shell("\"$report\" curves lwf finetuning").out == "curves.svg\n");
  const std::string curves = read_file(program.folder() / "curves.svg");
  for (const char* part : {"so far, task-agnostic<", "so far, task-aware<", ">lwf</text>", ">finetuning</text>"})
    CHECK(contains(curves, part));
  CHECK(program.shell("\"$report\" curves lwf finetuning --what forgetting --out f.svg").out == "f.svg\n");
  CHECK(contains(read_file(program.folder() / "f.svg"), ">Mean forgetting of the earlier tasks, task-aware<"));
  check_refused(program.shell("\"$report\" curves lwf --what loss"), 2, "loss");
  check_refused(program.shell("\"$report\" curves lwf longer"), 1, "training/epochs 1 and 2");

  check_formats(program);
  CHECK(program.shell("\"$report\" last-layer lwf finetuning").out == "last-layer.svg\n");
  const std::string heads = read_file(program.folder() / "last-layer.svg");
  for (const char* title : {">lwf, seed 1<", ">lwf, seed 2<", ">finetuning<"}) CHECK(contains(heads, title));
}

TEST_CASE("report explains itself and refuses what it cannot read in one line") {
  const Program program;
  for (const char* verb : {"", "compare ", "table ", "curves ", "last-layer ", "ranks ", "index "}) {
    const Said help = program.shell(std::string("\"$report\" ") + verb + "--help");
    CHECK(help.code == 0);
    CHECK(help.err.empty());
    CHECK(help.out.size() > 200);
  }
  check_refused(program.shell("\"$report\""), 2, "compare, table, curves, last-layer, ranks, index or model");
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
