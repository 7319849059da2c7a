// The commands of docs/trained-models.md from a folder of pictures to a model card, as they stand on the page.

#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/safetensors.h"
#include "tests/apps/program.h"
#include "tests/data/images/memory_images.h"
#include "tests/support/resnet_formula.h"

namespace mneme::test {
namespace {

using nlohmann::json;

/// The lines of the first block of commands under the heading.
std::vector<std::string> commands_under(const std::string& heading) {
  std::ifstream page(source_path("docs/trained-models.md"));
  std::vector<std::string> commands;
  bool found = false, inside = false;
  for (std::string line; std::getline(page, line);) {
    found |= line == "## " + heading;
    if (!found) continue;
    if (line == "```") {
      if (inside) return commands;
      inside = true;
    } else if (inside) {
      commands.push_back(line);
    }
  }
  return commands;
}

/// Eight classes of six pictures each, and weights under torchvision's names.
void write_inputs(const Program& program) {
  for (const char* kind : {"crow", "finch", "gull", "heron", "jay", "owl", "robin", "wren"})
    for (int i = 0; i < 6; ++i)
      program.folder().write(
          fmt::format("birds/{}/{}.png", kind, i),
          png_of(smooth_image(70 + i % 3, 80 + i % 5, static_cast<uint32_t>(100 * kind[0] + 10 * kind[1] + i))));
  const auto net = resnet(Device::reference, DType::f32, {10}, "resnet18");
  NamedTensors tensors;
  for (auto& [name, tensor] : named_state(*net))
    tensors.emplace_back(name.starts_with("heads.0.") ? "fc." + name.substr(8) : name, tensor);
  program.folder().write("resnet18.safetensors", to_safetensors(tensors));
  std::filesystem::create_directories(program.folder() / "build");
  std::filesystem::create_directory_symlink(program_path(), program.folder() / "build/apps");
}

TEST_CASE("the page's commands lead from a folder of pictures and pretrained weights to a model card") {
  const std::vector<std::string> commands = commands_under("From pictures to a model");
  REQUIRE(commands.size() == 5);
  const Program program;
  write_inputs(program);
  std::vector<Said> said;
  for (const std::string& command : commands) {
    said.push_back(program.shell(command));
    REQUIRE_MESSAGE(said.back().code == 0, command, ": ", said.back().err);
  }
  const auto file = [&](const char* name) { return read_file(program.folder() / name); };
  const json run = json::parse(file("runs/birds/run.json")), summary = json::parse(file("runs/birds/summary.json")),
             evaluation = json::parse(file("evaluation/evaluation.json"));
  CHECK(run["pretrained"]["head"] == "dropped");
  CHECK(summary["classes_per_task"] == json({4, 4}));
  CHECK(std::count(said[1].out.begin(), said[1].out.end(), '\n') == 6);
  CHECK(said[1].out.starts_with("birds/robin/0.png: "));
  CHECK(evaluation["accuracy_task_agnostic"] == summary["accuracy_task_agnostic"].back());
  CHECK(said[2].out.find(
            "on the images in birds, as the run had them: the run's own images; the accuracy is the run's") !=
        std::string::npos);
  CHECK(file("features.npy").substr(0, 128).find("'shape': (8, 512)") != std::string::npos);
  CHECK(file("card.md").find("| began with | pretrained weights, id " + run["pretrained"]["id"].get<std::string>()) !=
        std::string::npos);
  CHECK(file("card.md").find("| 6 | 2 | 6 | robin |") != std::string::npos);
}

}  // namespace
}  // namespace mneme::test
