// `evaluate` finds the images of a run by itself, says which it used, and lets flags win.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/apps/program.h"
#include "tests/data/images/memory_images.h"

namespace mneme::test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

void check_evaluated(const Said& said, const std::string& images, const std::string& comparison) {
  CHECK_MESSAGE(said.code == 0, said.err);
  CHECK_MESSAGE(has(said.out, "\non " + images + ": " + comparison), said.out);
}

void check_refused(const Said& said, int code, const std::string& part) {
  CHECK_MESSAGE(said.code == code, said.err);
  CHECK_MESSAGE(has(said.err, part), said.err);
}

constexpr const char *own = "the run's own images; the accuracy is the run's\n",
                     *others = "other images than the run's, since their data id is ";

TEST_CASE("a run on generated images is evaluated on them without being told, and flags win") {
  const Program program;
  REQUIRE(program.run(tiny + "--generated-seed 3 --method finetuning --quiet --out run").code == 0);
  check_evaluated(program.run("evaluate run"), "generated images, as the run had them", own);
  check_evaluated(program.run("evaluate run/models/task_01.safetensors"), "generated images, as the run had them", own);
  check_evaluated(program.run("evaluate run --generated-seed 4"), "generated images", others);
  // A model that lies elsewhere knows nothing of them.
  CHECK(program.shell("cp run/models/task_02.safetensors alone.safetensors").code == 0);
  check_refused(program.run("evaluate alone.safetensors --generated-classes 2"), 1, "the classes do not match");
  check_evaluated(program.run("evaluate alone.safetensors --generated-classes 4 --generated-per-class 10 "
                              "--generated-seed 3"),
                  "generated images", own);
  const Said json = program.run("evaluate run --json");
  CHECK(nlohmann::json::parse(json.out)["images"] == "generated images, as the run had them");
}

TEST_CASE("a run on a folder is evaluated on it; if it was moved, that is said, and --data tells where it is") {
  const Program program;
  write_cifar(program);
  const std::string flags =
      "--data data --tasks 2 --order 3,1,4,5 --epochs 1 --network resnet8 --batch-size 8 --validation 0 "
      "--method finetuning --quiet --out run";
  REQUIRE(program.run(flags).code == 0);
  check_evaluated(program.run("evaluate run"), "the images in data, as the run had them", own);
  CHECK(program.shell("mv data elsewhere").code == 0);
  check_refused(program.run("evaluate run"), 1,
                "run: its images were read from data (seen from the folder in which it was started), where nothing is "
                "now; say with --data where they are");
  check_evaluated(program.run("evaluate run --data elsewhere"), "the images in elsewhere", own);
  check_refused(program.run("evaluate run --generated-classes 4"), 1, "the classes do not match");
  check_refused(program.shell("\"$MNEME_PROGRAMS/svhn\" evaluate run"), 2,
                "run: is a run of cifar100, and this is svhn: use that program, or say with --data");
}

TEST_CASE("the choices by which a folder was split are part of the run's images") {
  const Program program;
  for (int k = 0; k < 4; ++k)
    for (int i = 0; i < 6; ++i)
      program.folder().write(fmt::format("birds/kind {}/{}.png", k, i),
                             png_of(smooth_image(34, 40, static_cast<uint32_t>(100 * k + i))));
  const std::string pictures = "\"$MNEME_PROGRAMS/pictures\" ";
  REQUIRE(program
              .shell(pictures + "--data birds --test-share 0.4 --split-seed 5 --network resnet8 --image-size 32 "
                                "--epochs 1 --batch-size 8 --validation 0 --method finetuning --quiet --out run")
              .code == 0);
  check_evaluated(program.shell(pictures + "evaluate run"), "the images in birds, as the run had them", own);
  check_evaluated(program.shell(pictures + "evaluate run --split-seed 6"), "the images in birds, as the run had them",
                  others);
  check_evaluated(program.shell(pictures + "evaluate run --data birds"), "the images in birds", own);
}

}  // namespace
}  // namespace mneme::test
