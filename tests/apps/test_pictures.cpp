// Tests of build/apps/pictures, from a folder of class folders to a model card, and of the verbs for trained models.

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/apps/program.h"
#include "tests/data/images/memory_images.h"

namespace mneme::test {
namespace {

using nlohmann::json;

const std::string pictures = "\"" + program_path("pictures") + "\" ";
const std::string quick =
    "--network resnet8 --image-size 32 --epochs 1 --batch-size 8 --validation 0 --method il-baseline "
    "--memory-per-class "
    "2 --quiet ";

std::string picture(int k, int i) {
  return png_of(smooth_image(34 + i % 3, 40 + i % 5, static_cast<uint32_t>(100 * k + i)));
}

/// Eight classes of ten images each, in one folder.
void write_folder(const Program& program) {
  for (int k = 0; k < 8; ++k)
    for (int i = 0; i < 10; ++i) program.folder().write(fmt::format("birds/kind {}/{}.png", k, i), picture(k, i));
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// Standard error ends in one line with `part`, and the exit code is this. What was left to chance in reading the
/// images may have been told before.
void check_refused(const Said& said, int code, const std::string& part) {
  CHECK_MESSAGE(said.code == code, said.err);
  const std::string last = said.err.substr(said.err.rfind('\n', said.err.size() - 2) + 1);
  CHECK_MESSAGE(has(last, part), said.err);
}

TEST_CASE("eight classes in one folder: train, evaluate, features, predict and a card, a command each") {
  const Program program;
  write_folder(program);
  const Said trained = program.shell(pictures + "--data birds " + quick + "--out run");
  REQUIRE_MESSAGE(trained.code == 0, trained.err);
  CHECK_MESSAGE(has(trained.err, "--tasks 2 was chosen, since there are 8 classes."), trained.err);
  CHECK(has(trained.err, "set that is not split"));
  CHECK_FALSE(has(trained.err, "--epochs"));
  const json summary = json::parse(read_file(program.folder() / "run/summary.json"));
  CHECK(summary["data_set"] == "birds (8 classes)");
  CHECK(has(read_file(program.folder() / "run/report.html"), "birds (8 classes)"));

  const Said evaluated = program.shell(pictures + "evaluate run --data birds --json --features f.npy --out tables");
  REQUIRE_MESSAGE(evaluated.code == 0, evaluated.err);
  const json found = json::parse(evaluated.out);
  for (const char* matrix : {"accuracy_task_aware", "accuracy_task_agnostic", "top5_accuracy_task_agnostic"})
    CHECK(found[matrix] == summary[matrix].back());
  CHECK(found["data_id"] == summary["data_id"]);
  const std::string features = read_file(program.folder() / "f.npy");
  CHECK(has(features.substr(0, 128), "'shape': (16, 64)"));
  CHECK(has(read_file(program.folder() / "f_logits.npy").substr(0, 128), "'shape': (16, 8)"));
  CHECK(has(read_file(program.folder() / "tables/classes.csv"), "\n3,kind 3,3,1,2,"));
  check_refused(program.shell(pictures + "evaluate run --data birds --features f.npy"), 1, "nothing is overwritten");
  check_refused(program.shell(pictures + "evaluate run --data birds --out tables"), 1, "nothing is overwritten");

  const Said first = program.shell(pictures + "evaluate run --data birds --after 1 --predict-by nearest-mean");
  CHECK_MESSAGE(first.code == 0, first.err);
  CHECK_MESSAGE(has(first.out, "4 classes after 1 of 2 tasks, predicted by nearest-mean"), first.out);
  CHECK(has(program.shell(pictures + "evaluate run --data birds").out, "the accuracy is the run's"));

  const Said said = program.shell(pictures + "predict run 'birds/kind 0' --format csv --top 2");
  CHECK_MESSAGE(said.code == 0, said.err);
  CHECK(std::count(said.out.begin(), said.out.end(), '\n') == 21);
  CHECK(said.out.starts_with("file,rank,class,name,original_label,probability,error\nbirds/kind 0/0.png,1,"));

  const Said card = program.shell("\"$report\" model run --out card.md");
  CHECK_MESSAGE(card.out == "card.md\n", card.err);
  CHECK(has(read_file(program.folder() / "card.md"), "| 7 | 2 | 7 | kind 7 |"));
  check_refused(program.shell("\"$report\" model run --out card.md"), 1, "nothing is overwritten");
  CHECK(program.shell("\"$report\" model run --merge-heads plain.safetensors").out == "plain.safetensors\n");
  CHECK(has(program.shell(pictures + "evaluate plain.safetensors --data birds").out, "16"));
}

TEST_CASE("bad pictures among good ones are named and counted, and a list may come on standard input") {
  const Program program;
  write_folder(program);
  REQUIRE(program.shell(pictures + "--data birds " + quick + "--out run").code == 0);
  program.folder().write("bad.png", "no picture");
  const Said said = program.shell("printf 'birds/kind 1/0.png\\nbad.png\\nabsent.png\\n' > list && " + pictures +
                                  "predict run - --format jsonl < list");
  check_refused(said, 1, "2 of 3 pictures could not be read");
  CHECK(has(said.err, "bad.png"));
  CHECK(std::count(said.out.begin(), said.out.end(), '\n') == 3);
  const json line = json::parse(said.out.substr(0, said.out.find('\n')));
  CHECK(line["top"].size() == 5);
  CHECK(line["top"][0]["name"].get<std::string>().starts_with("kind "));
  check_refused(program.shell(pictures + "predict run - < /dev/null"), 1, "no pictures");
  program.folder().write("empty/notes.txt", "nothing");
  check_refused(program.shell(pictures + "predict run empty"), 1, "no image in it");
  check_refused(program.shell(pictures + "predict nowhere bad.png"), 1, "there is no such model or run");
  check_refused(program.shell(pictures + "predict birds bad.png"), 1, "holds no models");
  check_refused(program.shell(pictures + "predict run bad.png --format xml"), 2, "unknown format 'xml'");
  check_refused(program.shell(pictures + "predict run bad.png --predict-by dice"), 2, "unknown prediction rule 'dice'");
}

TEST_CASE("another program's data are refused, since their classes are others") {
  const Program program;
  write_folder(program);
  REQUIRE(program.shell(pictures + "--data birds " + quick + "--out run").code == 0);
  check_refused(program.shell("\"$cifar100\" evaluate run --generated-classes 4 --generated-per-class 10"), 1,
                "the program that trained it");
}

TEST_CASE("layouts that are none are answered with what was found and what is wanted") {
  const Program program;
  const std::string start = pictures + quick + "--data ";
  check_refused(program.shell(start + "nowhere"), 1, "there is no such folder");
  program.folder().write("loose/a.png", picture(0, 0));
  check_refused(program.shell(start + "loose"), 1, "holds 0 folders without images and 1 images outside of folders");
  program.folder().write("one/a/0.png", picture(0, 0));
  program.folder().write("one/b/0.png", picture(1, 0));
  program.folder().write("one/b/1.png", picture(1, 1));
  check_refused(program.shell(start + "one"), 1, "class of one image");
  for (const char* name : {"half/train/a/0.png", "half/train/b/0.png", "half/val/a/1.png"})
    program.folder().write(name, picture(2, 3));
  check_refused(program.shell(start + "half"), 1, "class without test images");
  program.folder().write("half/val/b/1.png", picture(2, 4));
  program.folder().write("half/val/c/1.png", picture(2, 5));
  check_refused(program.shell(start + "half"), 1, "class that is not among those to be learned");
}

}  // namespace
}  // namespace mneme::test
