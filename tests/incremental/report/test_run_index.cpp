#include "incremental/report/run_index.h"

#include <doctest/doctest.h>

#include "tests/data/scratch_folder.h"
#include "tests/incremental/report/made_up_run.h"
#include "tests/incremental/report/page_checks.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;

/// The page without its script.
std::string markup_of(std::string page) {
  const std::size_t begin = page.find("<script>"), end = page.find("</script>");
  REQUIRE(begin != std::string::npos);
  return page.erase(begin, end + 9 - begin);
}

/// Sets the time of all files of a run's folder, in hours from now.
void set_time(const fs::path& folder, int hours) {
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_regular_file())
      fs::last_write_time(entry, fs::file_time_type::clock::now() + std::chrono::hours(hours));
}

std::string page_of(const ScratchFolder& scratch) {
  return index_html("runs", indexed_runs(scratch / "runs"), scratch / "runs");
}

TEST_CASE("the index lists every run, the newest first, with links that are relative to the page") {
  const ScratchFolder scratch;
  write_run(scratch / "runs/old", made_up_run("lwf"));
  write_run(scratch / "runs/deep/new one/seed3", made_up_run("ewc", 3, .05));
  scratch.write("runs/deep/new one/seed3/report.html", "a report");
  set_time(scratch / "runs/old", -5);
  set_time(scratch / "runs/deep/new one/seed3", -1);
  const std::string page = page_of(scratch);
  check_self_contained(markup_of(page));
  CHECK(contains(page, "<h1>2 runs below runs</h1>"));
  CHECK(contains(page, "<a href=\"deep/new%20one/seed3/report.html\">deep/<wbr>new one/<wbr>seed3</a>"));
  CHECK(contains(page, "<a href=\"old\">old</a>"));
  CHECK(page.find(">deep/<wbr>new one") < page.find(">old<"));
  CHECK(contains(page, "<td class=n data-v=0.550000>55.00</td>"));  // the final accuracy of ewc
}

TEST_CASE("the index marks what is unfinished, has just begun, cannot be read, and does not compare") {
  const ScratchFolder scratch;
  write_run(scratch / "runs/a", made_up_run("lwf"));
  write_run(scratch / "runs/b", made_up_run("ewc"));
  write_run(scratch / "runs/c", made_up_unfinished("mas"));
  RunResult other = made_up_run("si");
  other.protocol = "bbbbbbbbbbbb";
  write_run(scratch / "runs/d", other);
  scratch.write("runs/e/run.json", "{}");
  scratch.write("runs/f/summary.json", "broken <b>");
  const std::string page = page_of(scratch);
  check_self_contained(markup_of(page));
  CHECK(occurrences(page, "<tr class=finished data-state=finished>") == 3);
  CHECK(occurrences(page, "<tr class=unfinished data-state=unfinished>") == 2);
  CHECK(occurrences(page, "<tr class=unreadable data-state=unreadable>") == 1);
  CHECK(contains(page, ">2 of 3</td>"));
  CHECK(contains(page, "<td>in its first task</td>"));
  CHECK(contains(page, "is not what a run writes"));
  CHECK(occurrences(page, "</span> not with A</td>") == 1);
  CHECK(contains(page, "title=\"protocol bbbbbbbbbbbb, data dddddddddddd\">B</span>"));
  CHECK(contains(page, "<li>unfinished <b>2</b></li>"));
}

TEST_CASE("hostile names stay text in the index") {
  const ScratchFolder scratch;
  const std::string hostile = "<script>alert('x')<\"img onerror=y>";
  RunResult run = made_up_run(hostile);
  run.data_set = run.protocol = run.data_id = hostile;
  write_run(scratch / "runs" / "<i onerror=y>&", run);
  const std::string page = markup_of(page_of(scratch));
  check_self_contained(page);
  CHECK_FALSE(contains(page, "<i onerror"));
  CHECK(contains(page, "href=\"%3Ci%20onerror%3Dy%3E%26\""));
}

TEST_CASE("a folder without runs has no index") {
  const ScratchFolder scratch;
  scratch.write("empty/notes.txt", "x");
  CHECK(contains(message_of([&] { indexed_runs(scratch / "empty"); }), "there is no run at or below"));
  CHECK(contains(message_of([&] { indexed_runs(scratch / "none"); }), "there is no such folder"));
}

}  // namespace
}  // namespace mneme::test
