// Tests of runs that are killed or interrupted and then resumed, and of resumptions that are refused.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "tests/apps/program.h"
#include "tests/incremental/run_files.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;

/// Exemplars, a teacher, warm-up, momentum and a patience schedule.
const std::string eventful =
    "--generated-classes 6 --generated-per-class 10 --tasks 3 --epochs 4 --network resnet8 --batch-size 16 --order "
    "identity "
    "--method il-baseline --memory-per-class 3 --schedule patience --lr-patience 1 --warmup-epochs 1 --momentum 0.9 "
    "--validation 0.2 --quiet ";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The number of kills; the environment variable MNEME_KILLS replaces it.
int kills_wanted() {
  const char* asked = std::getenv("MNEME_KILLS");
  return asked ? std::atoi(asked) : 6;
}

TEST_CASE("killed at random moments and resumed, a run ends in the same files") {
  const Program program(memory_or_disk());
  const auto start = std::chrono::steady_clock::now();
  REQUIRE(program.run(eventful + "--out whole").code == 0);
  const double whole = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::mt19937 random(7);
  std::uniform_real_distribution<double> share(0.1, 0.9);
  const int wanted = kills_wanted();
  int kills = 0;
  for (int round = 0; kills < wanted; ++round) {
    const std::string out = "killed" + std::to_string(round);
    for (int code = -1; code != 0;) {
      const bool kill = random() % 4 != 0;  // otherwise SIGTERM, which stops the run in the middle of an epoch
      const std::string timeout =
          fmt::format("timeout --preserve-status -s {} {:.3f}", kill ? "KILL" : "TERM", whole * share(random));
      code =
          program.run(fmt::format("{}--out {} --resume --threads {}", eventful, out, 1 + random() % 3), timeout).code;
      REQUIRE((code == 0 || code == 137 || code == 143));
      kills += code != 0;
    }
    CHECK(different_files(program.folder() / "whole", program.folder() / out) == std::vector<std::string>{});
  }
  MESSAGE(kills, " kills");
}

TEST_CASE("seeds side by side end in the files of seeds one after the other") {
  const Program program(memory_or_disk());
  const std::string seeds = tiny + "--method lwf --seeds 1,2,3 ";
  const Said apart = program.run(seeds + "--out apart"), beside = program.run(seeds + "--out beside --jobs 2");
  CHECK_MESSAGE(beside.code == 0, beside.err);
  CHECK(has(beside.out, "seed 1:   after task 2:"));
  CHECK(has(beside.out, "mean ± sample standard deviation (n - 1) over 3 seeds"));
  for (const char* seed : {"seed1", "seed2", "seed3"})
    CHECK(different_files(program.folder() / "apart" / seed, program.folder() / "beside" / seed) ==
          std::vector<std::string>{});
  CHECK(read_file(program.folder() / "apart/seeds.json") == read_file(program.folder() / "beside/seeds.json"));
}

TEST_CASE("of seeds side by side one may fail without the others, and is named") {
  const Program program(memory_or_disk());
  REQUIRE(program.run(tiny + "--seed 2 --out beside/seed2").code == 0);
  const Said said = program.run(tiny + "--seeds 1,2 --out beside --jobs 2 --quiet");
  CHECK(said.code == 1);
  CHECK(has(said.err, "seed 2: cifar100: "));
  CHECK(has(said.err, "cifar100: 1 of 2 runs failed (seed 2)"));
  CHECK(fs::exists(program.folder() / "beside/seed1/report.html"));
}

TEST_CASE("a signal stops seeds side by side, and they go on together") {
  const Program program(memory_or_disk());
  const std::string seeds = eventful + "--seeds 1,2 --jobs 2 ";
  REQUIRE(program.run(seeds + "--out whole").code == 0);
  const Said stopped = program.shell("\"$cifar100\" " + seeds +
                                     "--epochs 4000 --out stopped & while [ ! -e stopped/seed2/metrics.jsonl ]; do "
                                     "sleep 0.05; done; kill -TERM $!; wait $!");
  CHECK(stopped.code == 143);
  CHECK(has(stopped.err, "cifar100: stopped; every run keeps what it has; go on with:\n"));
  CHECK(has(stopped.err, "--jobs 2 --epochs 4000 --out stopped --resume\n"));
  CHECK_FALSE(has(stopped.err, "--only-seed"));
  const Said begun = program.run(seeds + "--out cut", "timeout --preserve-status -s TERM 0.7");
  CHECK((begun.code == 143 || begun.code == 0));
  CHECK(program.run(seeds + "--out cut --resume").code == 0);
  for (const char* seed : {"seed1", "seed2"})
    CHECK(different_files(program.folder() / "whole" / seed, program.folder() / "cut" / seed) ==
          std::vector<std::string>{});
}

TEST_CASE("a signal stops the run at the next step, and the command it prints goes on") {
  const Program program(memory_or_disk());
  for (const auto& [signal, code] : {std::pair{"TERM", 143}, std::pair{"INT", 130}, std::pair{"HUP", 129}}) {
    const std::string out = std::string("stopped by ") + signal;
    const std::string start =
        "set -m 2>/dev/null; \"$cifar100\" " + tiny + "--epochs 25 --no-models --out '" + out + "' & ";
    const std::string stop =
        "until [ -s '" + out + "/timing.jsonl' ]; do sleep 0.01; done; kill -" + signal + " $!; wait $!";
    const Said said = program.shell(start + stop);
    CHECK(said.code == code);
    CHECK_MESSAGE(said.err.starts_with("cifar100: stopped in task 1, stage train, "), said.err);
    const size_t command = said.err.find("everything is saved; go on with:\n  ");
    REQUIRE(command != std::string::npos);
    CHECK(said.err.ends_with(" --no-models --out '" + out + "' --resume\n"));
    const std::string printed = said.err.substr(said.err.find('\n') + 1);
    const Said resumed = program.shell(printed.substr(0, printed.size() - 1));
    CHECK_MESSAGE(resumed.code == 0, resumed.err);
    const Said again = program.shell(printed.substr(0, printed.size() - 1));
    CHECK(again.code == 0);
    CHECK(again.out == "this run is complete: " + out + "/report.html\n");
  }
  for (const char* other : {"stopped by INT", "stopped by HUP"})
    CHECK(different_files(program.folder() / "stopped by TERM", program.folder() / other).empty());
}

/// A command that starts a program in a process group of its own, runs `then`, and ends with the program's exit code.
/// $! is the program and the group.
std::string in_a_group(const std::string& words, const std::string& then) {
  return "setsid \"$cifar100\" " + words + " & " + then + "; wait $!";
}

/// Waits until a run has finished an epoch.
std::string until_trained(const std::string& out) {
  return "until [ -s " + out + "/timing.jsonl ]; do sleep 0.01; done";
}

TEST_CASE("a terminal that is closed stops a run as kill does, unless the run was told to outlive it") {
  const Program program(memory_or_disk());
  const Said outlives = program.shell(
      "trap '' HUP; " + in_a_group(tiny + "--epochs 8 --out nohup --quiet", until_trained("nohup") + "; kill -HUP $!"));
  CHECK_MESSAGE(outlives.code == 0, outlives.err);
  CHECK(outlives.err.empty());
}

/// Waits until a run trains its first epoch, which takes much longer than that.
std::string until_training(const std::string& out) {
  return "until [ -s " + out + "/tensorboard/events.out.tfevents.0.mneme ]; do sleep 0.01; done; sleep 0.3";
}

TEST_CASE("a signal that comes to the process and to its group is one request, and every run of --jobs is saved") {
  const Program program(memory_or_disk());
  const std::string long_epochs =
      "--generated-classes 4 --generated-per-class 1500 --tasks 2 --network resnet8 --batch-size 2 --order identity "
      "--quiet --threads 1 ";
  const Said single =
      program.shell(in_a_group(long_epochs + "--out one", until_training("one") + "; kill -TERM $!; kill -TERM -$!"));
  CHECK_MESSAGE(single.code == 143, single.err);
  CHECK(has(single.err, "everything is saved; go on with:"));
  CHECK(fs::exists(program.folder() / "one/checkpoints/000001.checkpoint"));

  const Said all = program.shell(in_a_group(
      long_epochs + "--seeds 1,2 --jobs 2 --out jobs",
      until_training("jobs/seed1") + "; " + until_training("jobs/seed2") + "; kill -TERM -$!; kill -TERM $!"));
  CHECK_MESSAGE(all.code == 143, all.err);
  CHECK(has(all.err, "cifar100: stopped; every run keeps what it has; go on with:\n"));
  for (const char* seed : {"seed1", "seed2"})
    CHECK(fs::exists(program.folder() / "jobs" / seed / "checkpoints/000001.checkpoint"));
}

TEST_CASE("runs side by side stop when the program that started them is killed") {
  const Program program(memory_or_disk());
  const Said said = program.shell("\"$cifar100\" " + eventful + "--seeds 1,2 --jobs 2 --epochs 4000 --out jobs & " +
                                  until_trained("jobs/seed1") + "; " + until_trained("jobs/seed2") +
                                  "; kill -KILL $!; for seed in 1 2; do timeout 20 flock jobs/seed$seed/.lock true || "
                                  "echo still running; done");
  CHECK(said.out.empty());
}

TEST_CASE("the printed command goes on although the run's configuration says overwrite, however it is quoted") {
  const Program program(memory_or_disk());
  const std::string name = "it's a \"run\" of $HOME; *";
  program.folder().write("my config's.toml", "overwrite = true\nepochs = 25\nno-models = true\n");
  program.folder().write("out.sh", "out=\"it's a \\\"run\\\" of \\$HOME; *\"\n");
  const Said said = program.shell(
      ". ./out.sh; \"$cifar100\" --generated-classes 4 --generated-per-class 10 --tasks 2 --network resnet8 "
      "--batch-size 16 --order identity --config \"my config's.toml\" --out \"$out\" & "
      "until [ -s \"$out/timing.jsonl\" ]; do sleep 0.01; done; kill $!; wait $!");
  CHECK(said.code == 143);
  const std::string printed = said.err.substr(said.err.find('\n') + 1);
  CHECK(has(printed, "--config 'my config'\\''s.toml'"));
  const std::string before = read_file(program.folder() / name / "timing.jsonl");
  const Said resumed = program.shell(printed.substr(0, printed.size() - 1));
  CHECK_MESSAGE(resumed.code == 0, resumed.err);
  CHECK(read_file(program.folder() / name / "timing.jsonl").starts_with(before.substr(0, before.find('\n') + 1)));
}

TEST_CASE("a run is resumed by its own flags only") {
  const Program program(memory_or_disk());
  REQUIRE(program.run(tiny + "--out run").code == 0);
  const Said other = program.run(tiny + "--out run --resume --lr 0.3");
  CHECK(other.code == 1);
  CHECK_MESSAGE(has(other.err, "run is of another run: first_task/training/schedule/lr is 0.1 there and 0.3 here"),
                other.err);
  CHECK(program.run(tiny + "--out run --resume --overwrite").code == 2);
}

TEST_CASE("1, 2 and 4 threads leave the same files, accuracy matrices among them") {
  const Program program(memory_or_disk());
  for (const int threads : {1, 2, 4})
    REQUIRE(program.run(fmt::format("{}--out t{} --threads {}", eventful, threads, threads)).code == 0);
  CHECK(files_of_run(program.folder() / "t1").contains("accuracy_task_aware.csv"));
  for (const char* other : {"t2", "t4"})
    CHECK(different_files(program.folder() / "t1", program.folder() / other) == std::vector<std::string>{});
}

TEST_CASE("the data folder may vanish while a run goes on, and is asked for when the run is resumed") {
  const Program program(memory_or_disk());
  const std::string run = "--data data --tasks 10 --stop-after 2 --epochs 3 --network resnet8 --validation 0 --quiet ";
  write_cifar(program);
  REQUIRE(program.run(run + "--out whole").code == 0);
  const Said vanished = program.shell("\"$cifar100\" " + run +
                                      "--out run & until [ -s run/timing.jsonl ]; do sleep 0.01; done; "
                                      "rm -r data; wait $!");
  CHECK_MESSAGE(vanished.code == 0, vanished.err);
  CHECK(different_files(program.folder() / "whole", program.folder() / "run") == std::vector<std::string>{});

  write_cifar(program);
  CHECK(program
            .shell("set -m 2>/dev/null; \"$cifar100\" " + run +
                   "--out stopped & until [ -s stopped/timing.jsonl ]; do sleep "
                   "0.01; done; kill $!; wait $!")
            .code == 143);
  fs::remove_all(program.folder() / "data");
  const Said without = program.run(run + "--out stopped --resume");
  CHECK(without.code == 1);
  CHECK_MESSAGE(has(without.err, "cifar100: no CIFAR-100 in data"), without.err);
  CHECK(std::count(without.err.begin(), without.err.end(), '\n') == 1);
  write_cifar(program);
  CHECK(program.run(run + "--out stopped --resume").code == 0);
  CHECK(different_files(program.folder() / "whole", program.folder() / "stopped") == std::vector<std::string>{});
}

TEST_CASE("a second run into a folder in use is refused") {
  const Program program(memory_or_disk());
  const Said said = program.shell("\"$cifar100\" " + tiny +
                                  "--epochs 500 --out run & until [ -s run/timing.jsonl ]; do sleep 0.01; "
                                  "done; for flag in '' --resume --overwrite; do \"$cifar100\" " +
                                  tiny + "--epochs 500 --out run $flag; echo code $?; done; kill -KILL $!; wait $!; :");
  CHECK(has(said.out, "code 1\ncode 1\ncode 1\n"));
  size_t refusals = 0;
  for (size_t at = said.err.find("another run is writing into run"); at != std::string::npos;
       at = said.err.find("another run is writing into run", at + 1))
    ++refusals;
  CHECK(refusals == 3);
}

}  // namespace
}  // namespace mneme::test
