// Tests of what build/apps/svhn does differently from cifar100.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/apps/program.h"

namespace mneme::test {
namespace {

const std::string svhn = "\"" + program_path("svhn") + "\" ";

TEST_CASE("svhn runs on generated images under its own name, without mirroring them") {
  const Program program;
  const Said said = program.shell(svhn +
                                  "--generated-classes 4 --generated-per-class 10 --tasks 2 --epochs 1 --network "
                                  "resnet8 --batch-size 16 --out run");
  CHECK_MESSAGE(said.code == 0, said.err);
  const auto settings = nlohmann::json::parse(read_file(program.folder() / "run/run.json"));
  CHECK(settings["training"]["augmentation"]["flip"] == false);
  CHECK(read_file(program.folder() / "run/report.html").find("Generated images, not SVHN") != std::string::npos);
}

TEST_CASE("svhn's mistakes are one line that begins with its name") {
  const Program program;
  const Said missing = program.shell(svhn + "--data nowhere");
  CHECK(missing.code == 1);
  CHECK(missing.err == "svhn: no train_32x32.mat in nowhere; fetch it with `svhn download --data nowhere`\n");
  const Said unknown = program.shell(svhn + "--preset rethinking-lwf-5-task");
  CHECK(unknown.code == 2);
  CHECK(unknown.err.find("did you mean 'rethinking-lwf-5-tasks'?") != std::string::npos);
  CHECK(program.shell(svhn + "download --help").out.find("--extra") != std::string::npos);
  CHECK(program.shell("\"$cifar100\" --extra").code == 2);
}

}  // namespace
}  // namespace mneme::test
