// --config files, --print-config, and runs that repeat a run by its run.json.

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/files/atomic_file.h"
#include "tests/apps/program.h"
#include "tests/incremental/run_files.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

json run_json_of(const Program& program, const std::string& run) {
  return json::parse(read_file(program.folder() / run / "run.json"));
}

json settings_of(const Program& program, const std::string& run) {
  json content = run_json_of(program, run);
  content.erase("provenance");
  return content;
}

/// The saved weights of a run, by file name.
std::map<std::string, std::string> weights_of(const Program& program, const std::string& run) {
  std::map<std::string, std::string> weights;
  for (const auto& entry : fs::directory_iterator(program.folder() / run / "models"))
    weights[entry.path().filename().string()] = read_file(entry.path());
  return weights;
}

/// The one line with which the program refuses this file.
std::string refusal(const Program& program, const std::string& name, const std::string& text,
                    const std::string& arguments = "") {
  program.folder().write(name, text);
  const Said said = program.run("--config " + name + " " + arguments);
  CHECK(said.code == 2);
  CHECK(std::count(said.err.begin(), said.err.end(), '\n') == 1);
  return said.err;
}

TEST_CASE("INI and TOML are read alike: sections, comments, quotes, lists and underscores") {
  const Program program(memory_or_disk());
  program.folder().write("run.toml",
                         "\xEF\xBB\xBF# a run\r\n[method]\r\nmethod = \"freezing\"  # which\r\n\n[training]\n"
                         "epochs = 2\nbatch_size = 16\nmilestones = [0.5,\n  0.75]\nnesterov = true\nflip = false\n"
                         "[memory]\nmemory-per-class = 3\nout = 'from toml'\n");
  program.folder().write("run.ini",
                         "; a run\n[DEFAULT]\nmethod=freezing\nepochs=2\nbatch-size=16\nmilestones=0.5,0.75\n"
                         "nesterov=yes\nno-flip=true\nmemory_per_class=3\nout=from ini\n");
  for (const char* file : {"run.toml", "run.ini"}) {
    const Said said = program.run(
        "--generated-classes 4 --generated-per-class 10 --tasks 2 --network resnet8 --order identity --quiet "
        "--config " +
        std::string(file));
    CHECK_MESSAGE(said.code == 0, said.err);
  }
  const json settings = settings_of(program, "from toml");
  CHECK(settings == settings_of(program, "from ini"));
  CHECK(settings["training"]["schedule"]["milestones"] == json{0.5, 0.75});
  CHECK(settings["training"]["augmentation"]["flip"] == false);
  CHECK(settings["memory"]["images"] == 3);
}

TEST_CASE("a mistake in a --config file is told with file and line, and the nearest key") {
  const Program program(memory_or_disk());
  const auto says = [&](const std::string& text, const std::string& part) {
    const std::string message = refusal(program, "run.ini", text);
    CHECK_MESSAGE(message.starts_with("cifar100: run.ini"), message);
    CHECK_MESSAGE(has(message, part), message);
  };
  says("lr = 0.1\n\nepoch = 2\n", "run.ini:3: unknown key 'epoch'; did you mean 'epochs'?");
  says("epochs = 2\nlr = 0.1\nepochs = 3\n", "run.ini:3: 'epochs' is set twice, first at run.ini:1");
  says("batch-size = 2\nbatch_size = 3\n", "run.ini:2: 'batch-size' is set twice");
  says("epochs = [1, 2]\n", "run.ini:1: 'epochs' takes one value, got 2");
  says("lr = 0.1\nepochs = few\n", "run.ini:2: --epochs: takes a whole number, got 'few'");
  says("lambda = much\n", "run.ini:1: ");
  says("epochs\n", "run.ini:1: 'epochs' is no line 'flag = value'");
  says("list-methods = true\n", "run.ini:1: 'list-methods' belongs on the command line");
  says("milestones = [0.1,\n0.2\n", "run.ini:1: the list is not closed by ]");
  says("milestones = []\n", "run.ini:1: 'milestones' has no value");
  says("{\"format\": 2", "is neither lines 'flag = value' nor the run.json");
}

TEST_CASE("--print-config writes every setting with its meaning, and reading it back changes nothing") {
  const Program program(memory_or_disk());
  const auto body = [](const std::string& text) { return text.substr(text.find("\n\n")); };
  for (const std::string flags :
       {"", "--preset lucir-5-steps --lr 0.05 --epochs 3", "--method lwf --lambda 2 --milestones 0.5,0.75 --no-flip",
        "--method lucir --prediction balanced-softmax --alpha 0.5 --distill less-forget,separated --order 1,0,3,2 "
        "--generated-classes 4 --tasks 2 --memory-per-class 20"}) {
    CAPTURE(flags);
    const Said said = program.run(flags + " --print-config");
    CHECK_MESSAGE(said.code == 0, said.err);
    CHECK(has(said.out, "# Images per step\nbatch-size = "));
    program.folder().write("all.toml", said.out);
    const Said again = program.run("--config all.toml --print-config");
    CHECK_MESSAGE(again.code == 0, again.err);
    CHECK(body(again.out) == body(said.out));
  }
  const std::string flags = tiny + "--method lucir --memory-per-class 2 --no-flip --lambda 3 ";
  program.folder().write("all.toml", program.run(flags + "--print-config").out);
  REQUIRE(program.run(flags + "--out one --quiet").code == 0);
  const Said said = program.run("--config all.toml --out two --quiet");
  CHECK_MESSAGE(said.code == 0, said.err);
  CHECK(said.err.empty());  // no option that is idle is named
  CHECK(settings_of(program, "one") == settings_of(program, "two"));
  CHECK(weights_of(program, "one") == weights_of(program, "two"));
}

/// Small images and networks for a preset made for large ones.
const std::string shrunk =
    "--epochs 1 --base-epochs 1 --network resnet8 --batch-size 8 --generated-classes 6 --generated-per-class 12 "
    "--order identity --tasks 3 --base-classes 2 ";

TEST_CASE("--config run.json repeats a run to the last bit, of presets and of composed methods") {
  const Program program(memory_or_disk());
  const std::vector<std::string> runs = {
      "--preset rethinking-lwf-5-tasks " + shrunk,
      "--preset il-baseline-balanced-5-steps --memory-per-class 2 " + shrunk,
      "--preset podnet-5-steps --memory-per-class 2 --balanced-epochs 1 " + shrunk,
      tiny +
          "--method lucir --prediction balanced-softmax --alpha 0.5 --distill less-forget,separated --sampler ratio "
          "--memory-per-class 2 --no-flip --milestones 0.3,0.6",
      tiny + "--method il-baseline --second-stage balanced --balanced-epochs 1 --memory-total 8 --selection random",
      tiny + "--method lwf --distill joint,binary --predict-by multi-softmax --seed 18446744073709551615"};
  for (size_t i = 0; i < runs.size(); ++i) {
    CAPTURE(runs[i]);
    const std::string first = "run" + std::to_string(i), second = "again" + std::to_string(i);
    const Said once = program.run(runs[i] + " --quiet --out " + first);
    REQUIRE_MESSAGE(once.code == 0, once.err);
    const Said again = program.run("--config " + first + "/run.json --quiet --out " + second);
    REQUIRE_MESSAGE(again.code == 0, again.err);
    CHECK(weights_of(program, first).size() >= 2);
    CHECK(different_files(program.folder() / first, program.folder() / second) == std::vector<std::string>{});
  }
  const Said changed = program.run("--config run3/run.json --lr 0.05 --quiet --out changed");
  REQUIRE_MESSAGE(changed.code == 0, changed.err);
  json expected = settings_of(program, "run3"), got = settings_of(program, "changed");
  CHECK(got["training"]["schedule"]["lr"] == 0.05);
  CHECK(got["method"] == expected["method"]);
  CHECK(weights_of(program, "changed") != weights_of(program, "run3"));
}

TEST_CASE("run.json tells how the run was made, and the report prints the command") {
  const Program program(memory_or_disk());
  REQUIRE(program.run(tiny + "--method lwf --out 'a run' --quiet --lambda 2").code == 0);
  const json provenance = run_json_of(program, "a run")["provenance"];
  const std::string command = provenance["command"];
  CHECK_MESSAGE(command.ends_with("--method lwf --out 'a run' --quiet --lambda 2"), command);
  CHECK(provenance["program"] == "cifar100");
  CHECK(provenance["flags"]["lambda"] == "2");
  CHECK_FALSE(provenance["flags"].contains("out"));
  for (const char* key : {"started", "ended", "host", "processor", "version", "commit", "compiler"})
    CHECK_MESSAGE(provenance[key].is_string(), key);
  CHECK(provenance["seconds"].get<double>() > 0);
  CHECK(provenance["libraries"].contains("fmt"));
  CHECK(has(read_file(program.folder() / "a run/report.html"), "--out &#39;a run&#39; --quiet --lambda 2</code>"));
}

TEST_CASE("each seed of several is repeated by its own run.json") {
  const Program program(memory_or_disk());
  REQUIRE(program.run(tiny + "--method lwf --seeds 3,5 --out both --quiet").code == 0);
  REQUIRE(program.run("--config both/seed5/run.json --out five --quiet").code == 0);
  CHECK(weights_of(program, "both/seed5") == weights_of(program, "five"));
}

TEST_CASE("a run.json that would mean something else here is refused with the reason") {
  const Program program(memory_or_disk());
  REQUIRE(program.run(tiny + "--method lwf --out run --quiet").code == 0);
  const json run = run_json_of(program, "run");
  const auto refused = [&](const std::function<void(json&)>& change, const std::string& part) {
    json other = run;
    change(other);
    const std::string message = refusal(program, "other.json", other.dump());
    CHECK_MESSAGE(has(message, part), message);
  };
  refused([](json& r) { r["version"] = "0.0.9+abc"; }, "other.json: was written by version 0.0.9+abc, whose flags may");
  refused([](json& r) { r.erase("provenance"); }, "was written by an older version");
  refused([](json& r) { r.erase("format"); }, "was written by an older version");
  refused([](json& r) { r["format"] = 99; }, "has format 99, and this version reads format 2");
  refused([](json& r) { r["provenance"]["program"] = "svhn"; }, "is a run of svhn, and this is cifar100");
  refused([](json& r) { r["provenance"]["flags"]["epoch"] = "3"; }, "unknown key 'epoch'; did you mean 'epochs'?");
}

}  // namespace
}  // namespace mneme::test
