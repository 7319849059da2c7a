// Tests of what build/apps/imagenet32 does differently from cifar100.

#include <doctest/doctest.h>

#include "tests/apps/program.h"

namespace mneme::test {
namespace {

const std::string imagenet32 = "\"" + program_path("imagenet32") + "\" ";

TEST_CASE("imagenet32 runs on generated images and says where the real ones are") {
  const Program program;
  const Said said =
      program.shell(imagenet32 +
                    "--generated-classes 4 --generated-per-class 10 --tasks 2 --epochs 1 --network resnet8 "
                    "--batch-size 16 --out run");
  CHECK_MESSAGE(said.code == 0, said.err);
  CHECK(read_file(program.folder() / "run/report.html").find("Generated images, not ImageNet-32") != std::string::npos);
  const Said missing = program.shell(imagenet32 + "--data nowhere");
  CHECK(missing.code == 1);
  CHECK(missing.err.find("no ImageNet-32 in nowhere") != std::string::npos);
  CHECK(missing.err.find("https://image-net.org") != std::string::npos);
  CHECK(program.shell(imagenet32 + "download --data x").code == 2);
}

}  // namespace
}  // namespace mneme::test
