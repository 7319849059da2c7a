// Tests of the program cifar100 as its users run it: what it prints on which stream, and its exit code.

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "tests/apps/program.h"
#include "tests/support/paths.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

size_t count(const std::string& text, const std::string& part) {
  size_t times = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++times;
  return times;
}

/// One line on standard error that begins with the program's name and holds `part`; nothing on standard output.
void check_refused(const Said& said, int code, const std::string& part) {
  CHECK_MESSAGE(said.code == code, said.err);
  CHECK_MESSAGE(has(said.err, part), said.err);
  CHECK_MESSAGE(said.err.starts_with("cifar100: "), said.err);
  CHECK_MESSAGE(std::count(said.err.begin(), said.err.end(), '\n') == 1, said.err);
  CHECK_MESSAGE(said.err.size() < 900, said.err);
  CHECK(said.out.empty());
}

TEST_CASE("help of all flags groups them, ends with three examples, and is no error") {
  const Program program;
  const Said said = program.run("--help-all");
  CHECK(said.code == 0);
  CHECK(said.err.empty());
  for (const char* group :
       {"Method:\n", "Data and tasks:\n", "Training:\n", "Exemplar memory:\n", "Machine and output:\n"})
    CHECK_MESSAGE(has(said.out, group), group);
  const size_t examples = said.out.find("Examples:");
  REQUIRE(examples != std::string::npos);
  CHECK(count(said.out.substr(examples), "\n  cifar100 ") == 3);
  CHECK(program.run("download --help").code == 0);
  const Said few = program.run("--help"), method = program.run("--help-method podnet");
  CHECK(few.code == 0);
  CHECK(std::count(few.out.begin(), few.out.end(), '\n') < 60);
  CHECK(has(few.out, "cifar100 --help-method NAME"));
  CHECK(method.code == 0);
  CHECK(has(method.out, "L = NCA + sqrt(N / n_t)"));
  check_refused(program.run("--help-method podnett"), 2, "did you mean 'podnet'?");
}

TEST_CASE("methods and presets are listed with what they are") {
  const Program program;
  const Said methods = program.run("--list-methods"), presets = program.run("--list-presets");
  CHECK(methods.code == 0);
  CHECK(presets.code == 0);
  for (const char* method : {"finetuning", "freezing", "joint", "lwf", "il-baseline", "il-baseline-balanced"})
    CHECK(has("\n" + methods.out, std::string("\n") + method + " "));
  CHECK(has(presets.out, "rethinking-lwf-10-tasks"));
  CHECK(has(presets.out, "il-baseline-balanced-5-steps"));
  CHECK(has(presets.out, "published average_incremental_accuracy_task_agnostic 62.22 % (Table 1, IL-Baseline"));
}

TEST_CASE("unknown names of any kind are answered with the nearest, exit code 2") {
  const Program program;
  const auto suggests = [&](const std::string& arguments, const std::string& nearest) {
    CAPTURE(arguments);
    check_refused(program.run(arguments), 2, "did you mean '" + nearest + "'?");
  };
  suggests("--method lwff", "lwf");
  suggests("--methd lwf", "--method");
  suggests("--task=5", "--tasks");
  suggests("--approach lwf", "--method");  // a flag of FACIL
  suggests("--num-exemplars=20", "--memory-total");
  suggests("--buffer_size 200", "--memory-total");  // a flag of mammoth
  suggests("--method lwf --memory-perclass 5", "--memory-per-class");
  suggests("donwload --data x", "download");
  suggests("--preset il-baseline-5-step", "il-baseline-5-steps");
  suggests("--schedule step", "steps");
  suggests("--selection hering", "herding");
  suggests("--augmentation resize-crop", "resized-crop");
  suggests("--shortcut projectoin", "projection");
  suggests("--device refrence", "reference");
  suggests("--order icral", "icarl");
}

TEST_CASE("what cannot be is refused with exit code 2, before any folder is made") {
  const Program program;
  const auto refuses = [&](const std::string& arguments, const std::string& part) {
    CAPTURE(arguments);
    check_refused(program.run(tiny + "--out run " + arguments), 2, part);
  };
  refuses("--generated-classes 100 --tasks 7 --base-classes 99",
          "--base-classes 99 with --tasks 7: 1 of 100 classes would be left for 6 more tasks; expected 1 to 94");
  refuses("--tasks 5", "--tasks 5: there are only 4 classes");
  refuses("--tasks 0", "--tasks 0: expected at least 1");
  refuses("--memory-per-class 1 --memory-total 5", "give one");
  refuses("--memory-per-class -1", "fewer than 0");
  refuses("--memory-total 3", "at least 4");
  refuses("--method joint --memory-per-class 1", "joint takes no exemplars");
  refuses("--method il-baseline", "--memory-per-class");
  refuses("--epochs 0", "--epochs must be at least 1");
  refuses("--epochs two", "--epochs: takes a whole number, got 'two'");
  refuses("--lr small", "--lr: takes a number, got 'small'");
  refuses("--device gpu", "unknown device 'gpu'; did you mean 'cuda'?");
  refuses("--epochs", "--epochs");
  refuses("--lr -1", "--lr must be more than 0");
  refuses("--lr nan", "--lr must be more than 0");
  refuses("--temperature 0", "--temperature");
  refuses("--batch-size 0 --plan", "--batch-size must be at least 1");
  refuses("--network resnet18 --batch-size 19 --validation 0", "give --drop-last");
  refuses("--network resnet18 --batch-size 19 --validation 0 --plan", "give --drop-last");
  refuses("--momentum 1", "--momentum");
  refuses("--network resnet33", "unknown network 'resnet33'; did you mean 'resnet32'?");
  refuses("--validation 1.5", "validation fraction 1.5");
  refuses("--schedule patience --validation 0", "--validation");
  refuses("--stop-after 30", "--stop-after 30");
  refuses("--seed -1", "--seed: takes a whole number from 0 on, got -1");
  refuses("--generated-classes 0", "generated images: 0 classes");
  refuses("--threads -1", "--threads");
  refuses("somewhere", "unknown argument 'somewhere'");
  CHECK_FALSE(fs::exists(program.folder() / "run"));
}

TEST_CASE("an option that the method does not use is told of on the way and in the report") {
  const Program program;
  const Said said = program.run(tiny + "--method lwf --vertices 9 --out run");
  CHECK_MESSAGE(said.code == 0, said.err);
  const std::string remark = "--vertices has no effect on lwf: it belongs to tpcil";
  CHECK(said.err.starts_with("cifar100: " + remark));
  CHECK(has(read_file(program.folder() / "run/report.html"), remark));
}

TEST_CASE("data and folders that are not as they should be fail with exit code 1") {
  const Program program;
  check_refused(program.run("--data nowhere"), 1, "nowhere");
  program.folder().write("file", "");
  check_refused(program.run(tiny + "--out file/run"), 1, "file");
  program.folder().write("cifar-100-binary/train.bin", "too short");
  check_refused(program.run("--data ."), 1, "train.bin");
}

TEST_CASE("a first task that cannot be taken over is refused before the run in --out is touched") {
  const Program program;
  const std::string run = tiny + "--method finetuning --quiet ";
  REQUIRE(program.run(run + "--out other --seed 2").code == 0);
  REQUIRE(program.run(run + "--out kept --no-models").code == 0);
  const fs::path folder = program.folder().path();
  const std::string kept = read_file(folder / "kept/run.json");
  const auto refuses = [&](const std::string& from, const std::string& part) {
    CAPTURE(from);
    check_refused(program.run(tiny + "--method lwf --out fresh --first-task-from " + from), 1, part);
    check_refused(program.run(tiny + "--method lwf --out kept --overwrite --first-task-from " + from), 1, part);
  };
  refuses("nowhere", "cannot read nowhere/run.json: give the output folder of a finished run");
  refuses("other", "other was run with another first task: its seed differs");
  refuses("kept", "kept/models/task_01.safetensors");
  fs::create_directory(folder / "kept/models");
  program.folder().write("kept/models/task_01.safetensors", "broken");
  refuses("kept", "kept/models/task_01.safetensors");
  CHECK_FALSE(fs::exists(folder / "fresh"));
  CHECK(read_file(folder / "kept/run.json") == kept);
  CHECK(read_file(folder / "kept/models/task_01.safetensors") == "broken");
}

TEST_CASE("a run fills its folder, says where the report is, and is not overwritten unasked") {
  const Program program;
  const Said said = program.run(tiny + "--method lwf --out runs/one --seed 3");
  CHECK_MESSAGE(said.code == 0, said.err);
  CHECK(said.err.empty());
  CHECK_FALSE(has(said.out, "\r"));  // the live line is written to terminals only
  CHECK(has(said.out, "task 2/2"));
  const size_t last_lines =
      said.out.find("after 2 tasks                  task-agnostic  task-aware\naverage incremental accuracy");
  REQUIRE(last_lines != std::string::npos);
  for (const char* measure : {"\nfinal accuracy", "\nforgetting"})
    CHECK(said.out.find(measure, last_lines) != std::string::npos);
  const size_t hold_out =
      said.out.find("note: 10 % of the training images, 2 of 20 in the first task, are held out for validation");
  CHECK(hold_out < said.out.find("task 1/2"));
  CHECK(has(said.out, "note: 1 epoch is few for the 3 drops of the learning rate"));
  CHECK(has(said.out, "report: " + (program.folder() / "runs/one/report.html").string()));
  const fs::path folder = program.folder() / "runs/one";
  for (const char* file : {"run.json", "metrics.jsonl", "accuracy_task_aware.csv", "accuracy_task_agnostic.csv",
                           "summary.json", "report.html", "models/task_01.safetensors", "models/task_02.safetensors"})
    CHECK_MESSAGE(fs::file_size(folder / file) > 0, file);
  const std::string settings = read_file(folder / "run.json"), summary = read_file(folder / "summary.json");
  CHECK(json::parse(settings)["seed"] == 3);

  check_refused(program.run(tiny + "--method lwf --out runs/one --seed 4"), 1, "--overwrite");
  CHECK(read_file(folder / "run.json") == settings);
  const Said again =
      program.run(tiny + "--method lwf --out runs/one --seed 3 --overwrite --no-models --quiet --threads 2");
  CHECK(again.code == 0);
  CHECK(again.out == "runs/one/report.html\n");
  CHECK(read_file(folder / "summary.json") == summary);
  CHECK_FALSE(fs::exists(folder / "models/task_01.safetensors"));
}

TEST_CASE("flags may come from a file, the command line has the last word, and the file's mistakes are found") {
  const Program program;
  program.folder().write(
      "run.ini",
      "method = freezing\nepochs = 2\nmilestones = 0.5\nnesterov = true\nmemory-per-class = 3\nout = from-file\n");
  const Said said = program.run(tiny + "--config run.ini --quiet");
  CHECK_MESSAGE(said.code == 0, said.err);
  const json settings = json::parse(read_file(program.folder() / "from-file/run.json"));
  CHECK(settings["method"]["name"] == "freezing");
  CHECK(settings["training"]["epochs"] == 1);  // the command line takes precedence over the file
  CHECK(settings["training"]["nesterov"] == true);
  CHECK(settings["training"]["schedule"]["milestones"] == std::vector<double>{0.5});
  CHECK(settings["memory"]["images"] == 3);
  CHECK(fs::exists(program.folder() / "from-file/exemplars.csv"));

  program.folder().write("wrong.ini", "epoch = 2\n");
  check_refused(program.run("--config wrong.ini"), 2, "wrong.ini:1: unknown key 'epoch'; did you mean 'epochs'?");
  program.folder().write("empty.ini", "weight-decay = \"\"\n");
  check_refused(program.run("--config empty.ini"), 2, "the value is empty");
  for (const char* line : {"seeds = 1,,2\n", "seeds = [1, ,2]\n", "milestones = \"0.5,\"\n"}) {
    program.folder().write("gap.ini", line);
    check_refused(program.run("--config gap.ini"), 2, "a place of the list");
  }
  program.folder().write("worse.ini", "epochs = few\n");
  check_refused(program.run("--config worse.ini"), 2, "epochs");
  check_refused(program.run("--config nowhere.ini"), 2, "nowhere.ini");
}

TEST_CASE("a preset sets its flags, and whatever the user says besides overrides them, on the line or in a file") {
  const Program program;
  const std::string shrunk =
      "epochs = 1\nstop-after = 1\nnetwork = resnet8\ngenerated-classes = 5\ngenerated-per-class = 10\nquiet = true\n";
  program.folder().write("shrunk.ini", shrunk);
  program.folder().write("all.ini", "preset = rethinking-lwf-5-tasks\n" + shrunk);
  const Said line = program.run(
      "--preset rethinking-lwf-5-tasks --epochs 1 --stop-after 1 --network resnet8 --generated-classes 5 "
      "--generated-per-class 10 --out line");
  CHECK_MESSAGE(line.code == 0, line.err);
  CHECK(has(line.out, "published 65.40 % (Table A.2, LwF)"));
  CHECK(has(line.out, "ours not known yet"));  // forgetting needs two tasks
  CHECK_FALSE(has(line.out, "nan"));
  const auto settings_in = [&](const char* file) {
    json content = json::parse(read_file(program.folder() / file));
    content.erase("provenance");
    return content;
  };
  const json settings = settings_in("line/run.json");
  CHECK(settings["preset"] == "rethinking-lwf-5-tasks");
  CHECK(settings["method"]["name"] == "lwf");
  CHECK(settings["training"]["schedule"]["kind"] == "patience");
  CHECK(settings["training"]["batch_size"] == 64);
  CHECK(settings["training"]["augmentation"]["crop"] == "resized-crop");
  CHECK(settings["training"]["momentum"] == 0);
  CHECK(settings["training"]["epochs"] == 1);
  CHECK(settings["classes_per_task"].size() == 5);
  for (const char* arguments :
       {"--preset rethinking-lwf-5-tasks --config shrunk.ini --out file", "--config all.ini --out file --overwrite"}) {
    CAPTURE(arguments);
    const Said file = program.run(arguments);
    CHECK_MESSAGE(file.code == 0, file.err);
    CHECK(settings_in("file/run.json") == settings);
  }
}

TEST_CASE("several seeds run one after the other, end with means and deviations, and are set against others") {
  const Program program(memory_or_disk());
  const Said finetuning = program.run(tiny + "--method finetuning --no-models --seeds 1,2,3 --out ft");
  CHECK_MESSAGE(finetuning.code == 0, finetuning.err);
  CHECK(has(finetuning.out, "mean ± sample standard deviation (n - 1) over 3 seeds"));
  CHECK(fs::exists(program.folder() / "ft/comparison.html"));
  for (const char* seed : {"seed1", "seed2", "seed3"})
    CHECK(json::parse(read_file(program.folder() / "ft" / seed / "run.json"))["seed"] == seed[4] - '0');
  const json seeds = json::parse(read_file(program.folder() / "ft/seeds.json"));
  CHECK(seeds["final_accuracy_task_agnostic"]["values"].size() == 3);

  const Said lwf = program.run(tiny + "--method lwf --no-models --seeds 1,2 --out lwf --against ft --quiet");
  CHECK_MESSAGE(lwf.code == 0, lwf.err);
  CHECK(has(lwf.out, "lwf/seeds.json\n"));
  CHECK(json::parse(read_file(program.folder() / "lwf/seeds.json"))["final_accuracy_task_aware"]["against"]["pairs"] ==
        2);
  const Said again = program.run(tiny + "--method lwf --no-models --seeds 1,2 --out lwf --against ft --resume");
  CHECK(again.code == 0);
  CHECK(has(again.out, "this run is complete: lwf/seed2/report.html"));
  // The same numbers, and the same page, come from the finished runs.
  const Said after = program.shell("\"$report\" compare ft lwf");
  CHECK(after.code == 0);
  const std::string numbers = after.out.substr(0, after.out.find("comparison.html"));
  CHECK(has(numbers, "lwf minus finetuning: "));
  CHECK_MESSAGE(has(again.out, numbers), again.out);
  CHECK(read_file(program.folder() / "lwf/comparison.html") == read_file(program.folder() / "comparison.html"));

  check_refused(program.run(tiny + "--seeds 1,1"), 2, "twice");
  check_refused(program.run(tiny + "--jobs 2"), 2, "--seeds");
  check_refused(program.run(tiny + "--against ft"), 2, "--seeds");
  const Said other = program.run(tiny + "--lr 0.2 --no-models --quiet --seeds 1,2 --out other --against ft");
  CHECK(other.code == 1);
  CHECK_MESSAGE(has(other.err, "protocol"), other.err);
  const Said few = program.run(tiny + "--no-models --quiet --seeds 1,9 --out other --against ft");
  CHECK(few.code == 1);
  CHECK_MESSAGE(has(few.err, "share 1 of the seeds"), few.err);
  CHECK_FALSE(fs::exists(program.folder() / "other"));  // both errors came before any training
}

TEST_CASE("a dry run prints a plan and leaves no trace, and determinism is verified before one") {
  const Program program;
  const Said plan = program.run(tiny + "--dry-run --out run");
  CHECK_MESSAGE(plan.code == 0, plan.err);
  CHECK(has(plan.out, "note         Generated images, not CIFAR-100"));
  CHECK(has(plan.out, "time         about "));
  CHECK(program.run(tiny + "--plan --out run").code == 0);  // --plan is a second name of --dry-run
  CHECK_FALSE(fs::exists(program.folder() / "run"));
  const Said verified = program.run(tiny + "--verify-determinism --no-models --threads 2 --out run");
  CHECK_MESSAGE(verified.code == 0, verified.err);
  CHECK(has(verified.out,
            "determinism: 4 steps of 2 tasks twice, with 2 and with 1 threads: losses and weights equal to the bit\n"));
  check_refused(program.run(tiny + "--plan --out run"), 1, "run already holds a run (run.json); pass --resume");
  for (const char* existing : {"--resume", "--overwrite"})
    CHECK(program.run(tiny + "--plan --out run " + existing).code == 0);
  CHECK(fs::exists(program.folder() / "run" / "summary.json"));
}

TEST_CASE("names in a data set are text, whatever they say: no file is named after them and no markup comes of them") {
  const Program program(memory_or_disk());
  write_cifar(program);
  std::string names = "../../escaped\n/tmp/escaped\n<script>alert(1)</script>\n";
  for (int i = 3; i < 100; ++i) names += "class " + std::to_string(i) + "\n";
  program.folder().write("data/cifar-100-binary/fine_label_names.txt", names);
  const Said said = program.run(
      "--data data --tasks 10 --stop-after 1 --order identity --epochs 1 --network resnet8 --validation 0 "
      "--memory-per-class 2 "
      "--method il-baseline --out runs/run --quiet");
  REQUIRE_MESSAGE(said.code == 0, said.err);
  std::set<std::string> found;
  for (const auto& entry : fs::directory_iterator(program.folder().path())) found.insert(entry.path().filename());
  CHECK(found == std::set<std::string>{"data", "runs", "out.txt", "err.txt"});
  for (const auto& entry : fs::recursive_directory_iterator(program.folder() / "runs"))
    CHECK_FALSE(has(entry.path().filename(), "escaped"));
  for (const char* page : {"report.html", "exemplars.svg"})
    CHECK_FALSE(has(read_file(program.folder() / "runs/run" / page), "<script>alert"));
  CHECK(has(read_file(program.folder() / "runs/run/exemplars.svg"), "../../escaped"));
}

TEST_CASE("results of different protocols or data share no table unless asked") {
  const Program program(memory_or_disk());
  const std::string run = tiny + "--no-models --quiet ";
  REQUIRE(program.run(run + "--method finetuning --out a").code == 0);
  REQUIRE(program.run(run + "--method lwf --out b --seed 2").code == 0);
  REQUIRE(program.run(run + "--method lwf --out c --lr 0.2").code == 0);
  REQUIRE(program.run(run + "--method lwf --out d --generated-seed 2").code == 0);
  const auto table = [&](const std::string& arguments) {
    return program.shell("bash '" + source_path("tools/results-table").string() + "' " + arguments);
  };
  CHECK(table("a b").code == 0);
  CHECK(has(table("a b").out, "\nlwf "));
  CHECK(has(table("--mixed b c").out, "\ngenerated, 2 tasks, training/schedule/lr 0.2:\nlwf"));
  CHECK(has(table("'[ab]'").out, "\nlwf "));
  CHECK(has(table("--markdown a b").out, "| average, task-agnostic (%) |"));
  for (const auto& [other, what] : {std::pair{"c", "differ in protocol ("}, {"d", "differ in data ("}}) {
    const Said refused = table(std::string("a b ") + other);
    CHECK(refused.code == 1);
    CHECK(refused.out.empty());
    CHECK_MESSAGE(has(refused.err, what), refused.err);
    CHECK(table(std::string("--mixed a b ") + other).code == 0);
  }
  CHECK_FALSE(has(table("a b").out, "unfinished"));
  program.folder().write("b/checkpoints/000007.checkpoint", "");
  CHECK(has(table("a b").out, "\nlwf (unfinished) "));
  CHECK(has(table("a b").out, "\nb is unfinished: it was stopped or killed, and --resume goes on with it\n"));
  CHECK(has(table("--markdown a b").out, "| lwf (unfinished) |"));
  program.folder().write("old/summary.json", "{\n  \"method\": \"lwf\"\n}\n");
  CHECK(has(table("a old").err, "old/summary.json: is not what a run writes"));
}

}  // namespace
}  // namespace mneme::test
