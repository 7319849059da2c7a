// --pretrained as users meet it: which runs begin, and what is refused before anything is trained.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/apps/program.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

using nlohmann::json;

json run_json(const Program& program, const std::string& run) {
  return json::parse(read_file(program.folder() / run / "run.json"));
}

void check_refused(const Said& said, int code, const std::string& part) {
  CHECK_MESSAGE(said.code == code, said.err);
  const std::string last = said.err.substr(said.err.rfind('\n', said.err.size() - 2) + 1);
  CHECK_MESSAGE(last.find(part) != std::string::npos, said.err);
}

TEST_CASE("a run begins with another run's model, says so, goes on after a stop, and is another protocol") {
  const Program program;
  REQUIRE(program.run(tiny + "--method finetuning --quiet --out first").code == 0);
  const std::string model = "first/models/task_02.safetensors",
                    begins = tiny + "--method finetuning --pretrained " + model + " ";
  const Said said = program.run(begins + "--out second");
  CHECK_MESSAGE(said.code == 0, said.err);
  const json first = run_json(program, "first"), second = run_json(program, "second");
  const std::string id = second["pretrained"]["id"];
  CHECK(said.err.find("The network begins with pretrained weights (id " + id +
                      "), their head dropped; finetuning learned them from generated") != std::string::npos);
  CHECK(second["pretrained"]["head"] == "dropped");
  CHECK(second["first_task"]["pretrained"] == second["pretrained"]);
  CHECK(second["protocol"] != first["protocol"]);
  CHECK_FALSE(first.contains("pretrained"));
  CHECK(read_file(program.folder() / "second/report.html").find(id) != std::string::npos);
  CHECK(program.shell("\"$report\" model second").out.find("| began with | pretrained weights, id " + id + " |") !=
        std::string::npos);

  // From another place the weights are the same, others are not.
  CHECK(program.shell("cp " + model + " moved.safetensors").code == 0);
  const Said again = program.run(tiny + "--method finetuning --pretrained moved.safetensors --out second --resume");
  CHECK_MESSAGE(again.out.starts_with("this run is complete"), again.err);
  check_refused(program.run(tiny + "--method finetuning --out second --resume"), 1, "pretrained/head is");
  check_refused(program.run(tiny + "--method finetuning --pretrained first/models/task_01.safetensors --out second "
                                   "--resume"),
                1, "pretrained/id is");
  check_refused(
      program.run(tiny + "--method finetuning --first-task-from first --pretrained " + model + " --out third"), 1,
      "its pretrained differs");
}

TEST_CASE("weights that do not fit are refused before the first step, by a dry run as well, and nothing is written") {
  const Program program;
  REQUIRE(program.run(tiny + "--method finetuning --quiet --out first").code == 0);
  const std::string model = "first/models/task_02.safetensors", start = tiny + "--out run --pretrained ";
  for (const char* plan : {"", " --plan"}) {
    CAPTURE(plan);
    check_refused(program.run(start + model + " --network resnet14" + plan), 1,
                  "is a model of resnet8, and this run's network is resnet14; give --network resnet8");
    check_refused(program.run(start + model + " --shortcut zero-pad" + plan), 1,
                  "surplus layer2.0.downsample.0.weight");
    check_refused(program.run(start + model + " --pretrained-head" + plan), 1,
                  "of another shape heads.0.weight ((4, 64) in the file, (2, 64) here), heads.0.bias ((4)");
    check_refused(program.run(start + "none.safetensors" + plan), 1, "none.safetensors");
  }
  CHECK(program.run(start + model + " --pretrained-head --tasks 1 --plan").code == 0);
  check_refused(program.run(tiny + "--pretrained-head"), 2, "--pretrained-head keeps the head of --pretrained FILE");
  CHECK_FALSE(std::filesystem::exists(program.folder() / "run"));
}

}  // namespace
}  // namespace mneme::test
