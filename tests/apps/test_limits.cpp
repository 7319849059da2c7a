// The programs at the limits that a system sets them: streams, file sizes, memory, threads.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "tests/apps/program.h"
#include "tests/incremental/run_files.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

auto lines_in(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

TEST_CASE("standard output that cannot be written is an error, for a page of help as for a run, which ends whole") {
  const Program program(memory_or_disk());
  for (const std::string words : {"--help", "--version", "--list-methods", "tables", "--generate man"}) {
    CAPTURE(words);
    const Said said = program.shell("\"$cifar100\" " + words + " >/dev/full");
    CHECK(said.code == 1);
    CHECK_MESSAGE(has(said.err, "cifar100: standard output could not be written: "), said.err);
    CHECK(lines_in(said.err) == 1);
  }
  REQUIRE(program.run(tiny + "--out whole").code == 0);
  const Said said = program.shell("\"$cifar100\" " + tiny + "--out full >/dev/full");
  CHECK(said.code == 1);
  CHECK_MESSAGE(said.err == "cifar100: standard output could not be written: No space left on device\n", said.err);
  CHECK(different_files(program.folder() / "whole", program.folder() / "full").empty());
  const Said report = program.shell("\"$report\" compare whole full >/dev/full");
  CHECK(report.code == 1);
  CHECK(lines_in(report.err) == 1);
}

TEST_CASE("standard error that cannot be written stops nothing and changes no exit code") {
  const Program program(memory_or_disk());
  CHECK(program.shell("\"$cifar100\" --no-such-flag 2>/dev/full").code == 2);
  CHECK(program.shell("\"$cifar100\" " + tiny + "--method finetuning --temperature 3 --out run 2>/dev/full").code == 0);
}

TEST_CASE("with closed standard streams no file of a run gets what is meant for a terminal") {
  const Program program(memory_or_disk());
  REQUIRE(program.run(tiny + "--out whole").code == 0);
  for (const char* closed : {">&-", "2>&-", "<&-", "<&- >&- 2>&-"}) {
    CAPTURE(closed);
    const std::string out = fmt::format("closed{}", std::string(closed).size());
    CHECK(program.shell(fmt::format("\"$cifar100\" {}--out {} --overwrite {}", tiny, out, closed)).code == 0);
    CHECK(different_files(program.folder() / "whole", program.folder() / out) == std::vector<std::string>{});
    CHECK(fs::file_size(program.folder() / out / ".lock") == 0);
  }
}

TEST_CASE("a file that reaches the largest size that ulimit allows is told of in a sentence") {
  const Program program(memory_or_disk());
  REQUIRE(program.run(tiny + "--out whole").code == 0);
  const Said said = program.shell("ulimit -f 100; \"$cifar100\" " + tiny + "--quiet --out run");
  CHECK(said.code == 1);
  CHECK_MESSAGE(has(said.err, "cifar100: cannot write run/"), said.err);
  CHECK_MESSAGE(has(said.err, "File too large; free some space"), said.err);
  CHECK(program.run(tiny + "--quiet --out run --resume").code == 0);
  CHECK(different_files(program.folder() / "whole", program.folder() / "run") == std::vector<std::string>{});
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("memory that runs out is told of in one line that names the flag to lower") {
  const Program program(memory_or_disk());
  const std::string limited = "ulimit -v 1000000; \"$cifar100\" --threads 1 --network resnet8 --out run ";
  const Said set = program.shell(limited + "--generated-per-class 100000");
  CHECK(set.code == 1);
  CHECK_MESSAGE(has(set.err, "cifar100: out of memory: lower --generated-per-class"), set.err);
  CHECK(lines_in(set.err) == 1);
  const Said batch = program.shell(limited + "--generated-per-class 500 --batch-size 5000");
  CHECK(batch.code == 1);
  CHECK_MESSAGE(has(batch.err, "lower --batch-size"), batch.err);
  CHECK(lines_in(batch.err) == 1);
}

TEST_CASE("threads that cannot start cost a line, not the run") {
  const Program program(memory_or_disk());
  REQUIRE(program.run(tiny + "--out whole").code == 0);
  const Said said = program.shell("ulimit -v 3000000; \"$cifar100\" " + tiny + "--quiet --threads 900 --out run");
  CHECK_MESSAGE(said.code == 0, said.err);
  CHECK_MESSAGE(has(said.err, "--threads: the system refused "), said.err);
  CHECK(lines_in(said.err) == 1);
  CHECK(different_files(program.folder() / "whole", program.folder() / "run") == std::vector<std::string>{});
}
#endif

}  // namespace
}  // namespace mneme::test
