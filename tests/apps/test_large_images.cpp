// Tests of build/apps/imagenet100, imagenet and landmarks with images of several sizes.

#include <doctest/doctest.h>

#include "tests/apps/program.h"
#include "tests/data/images/memory_images.h"

namespace mneme::test {
namespace {

std::string app(const std::string& name) { return "\"" + program_path(name) + "\" "; }

/// The image file number i of class k.
std::string picture(int k, int i) {
  return png_of(smooth_image(30 + 5 * (i % 3), 30 + 7 * (i % 4), static_cast<uint32_t>(10 * k + i)));
}

/// Writes five classes a to e with six training images and two test images each.
void write_folders(const Program& program) {
  for (int k = 0; k < 5; ++k) {
    const std::string name(1, static_cast<char>('a' + k));
    for (int i = 0; i < 8; ++i)
      program.folder().write((i < 6 ? "set/train/" : "set/val/") + name + "/" + std::to_string(i) + ".JPEG",
                             picture(k, i));
  }
  program.folder().write("four.txt", "d\nb first comes the name\nc\na\n");
}

const std::string quick =
    " --image-size 64 --tasks 2 --order identity --epochs 1 --batch-size 5 --validation 0 --no-models ";
const std::string four = "--data set --subset four.txt" + quick;

TEST_CASE("imagenet100 learns classes of images of any size, and tells which classes they were") {
  const Program program;
  write_folders(program);
  const Said said = program.shell(app("imagenet100") + four +
                                  "--method il-baseline-balanced --memory-per-class 2 --out run --decode-threads 3");
  REQUIRE_MESSAGE(said.code == 0, said.err);
  const std::string settings = read_file(program.folder() / "run/run.json");
  CHECK(settings.find("ImageNet-100 (four.txt, classes ") != std::string::npos);
  CHECK(settings.find("resnet18") != std::string::npos);
  CHECK(read_file(program.folder() / "run/exemplars.svg").find(">d</text>") != std::string::npos);
  const Said again = program.shell(app("imagenet100") + four +
                                   "--method il-baseline-balanced --memory-per-class 2 --out again --decode-threads 1");
  REQUIRE(again.code == 0);
  CHECK(read_file(program.folder() / "run/summary.json") == read_file(program.folder() / "again/summary.json"));
}

TEST_CASE("run.json counts the images that were left out") {
  const Program program;
  write_folders(program);
  program.folder().write("set/train/a/bad.JPEG", "no picture");
  const Said said =
      program.shell(app("imagenet100") + four + "--method finetuning --stop-after 1 --skip-bad 1 --out run");
  REQUIRE_MESSAGE(said.code == 0, said.err);
  const std::string settings = read_file(program.folder() / "run/run.json");
  const size_t at = settings.find("\"left_out\": [");
  REQUIRE(at != std::string::npos);
  CHECK_MESSAGE(settings.find("left out: 1 x image that cannot be decoded", at) != std::string::npos, settings);
  std::filesystem::remove(program.folder() / "set/train/a/bad.JPEG");
  CHECK(program.shell(app("imagenet100") + four + "--method finetuning --stop-after 1 --out run --resume").code == 0);
}

TEST_CASE("programs for large images have rows of published tables that they can run") {
  const Program program;
  for (const auto& [name, preset] : {std::pair{"imagenet100", "rethinking-lwf-bsr-10-tasks"},
                                     {"imagenet100", "podnet-balanced-5-steps"},
                                     {"imagenet", "ss-il-10-tasks-memory-20000"},
                                     {"imagenet", "lucir-10-steps"},
                                     {"landmarks", "bic-ss-il-10k-5-tasks-memory-40000"}}) {
    const std::string rows = program.shell(app(name) + "--list-presets").out;
    CHECK_MESSAGE(rows.find(std::string(preset) + " ") != std::string::npos, preset);
    // --list-methods ends the program after the whole command line was parsed.
    const Said said = program.shell(app(name) + "--list-methods --preset " + preset);
    CHECK_MESSAGE(said.code == 0, said.err);
  }
}

TEST_CASE("an image that cannot be decoded is told of before anything is trained, and can be left out") {
  const Program program;
  write_folders(program);
  const std::string whole = picture(1, 0);
  program.folder().write("set/train/b/0.JPEG", whole.substr(0, whole.size() / 2));
  program.folder().write("set/train/c/1.JPEG", "");
  const Said refused = program.shell(app("imagenet100") + four + "--method finetuning --out run");
  CHECK(refused.code == 1);
  CHECK_MESSAGE(refused.err.find("2 x") == std::string::npos, refused.err);
  for (const char* file : {"b/0.JPEG", "c/1.JPEG"}) CHECK(refused.err.find(file) != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(program.folder() / "run"));
  const Said one = program.shell(app("imagenet100") + four + "--method finetuning --out run --skip-bad 1");
  CHECK(one.code == 1);
  const Said said = program.shell(app("imagenet100") + four + "--method finetuning --out run --skip-bad 2");
  CHECK_MESSAGE(said.code == 0, said.err);
  CHECK_MESSAGE(said.err.find("left out") != std::string::npos, said.err);
  CHECK(read_file(program.folder() / "run/run.json").find("\"train_images\": 22") != std::string::npos);
  const Said hurt =
      program.shell(app("imagenet100") + four + "--method finetuning --out other --skip-bad 1 --unchecked");
  CHECK(hurt.code == 1);  // found in the first task
  CHECK(hurt.err.find("0.JPEG") != std::string::npos);
}

TEST_CASE("a set is told of, prepared as a pack, and learned from it") {
  const Program program;
  write_folders(program);
  const std::string prepare = app("imagenet100") + "prepare --data set --subset four.txt --out four.pack ";
  const Said told = program.shell(prepare + "--dry-run");
  REQUIRE_MESSAGE(told.code == 0, told.err);
  CHECK(told.out.starts_with("32 images in 4 classes; the pack takes about 0.1 MB ("));
  CHECK_FALSE(std::filesystem::exists(program.folder() / "four.pack.part"));
  const Said said = program.shell(prepare + "--threads 2");
  REQUIRE_MESSAGE(said.code == 0, said.err);
  CHECK(said.out.find("\n32 of 32 images, 0.1 MB, 0 s left\nfour.pack: 24 images to learn from, 8 to test with") !=
        std::string::npos);
  CHECK(said.out.find("32 x PNG under a JPEG's name, decoded as PNG (set/train/d/0.JPEG, ") != std::string::npos);
  CHECK(said.out.find("all of them are listed in four.pack.files\n") != std::string::npos);
  CHECK(read_file(program.folder() / "four.pack.files").find("\tset/val/a/7.JPEG\n") != std::string::npos);
  const std::string bytes = read_file(program.folder() / "four.pack");
  CHECK(program.shell(prepare).code == 0);  // the pack exists already and is kept
  CHECK(read_file(program.folder() / "four.pack") == bytes);
  const std::string learn = app("imagenet100") + "--data four.pack --method finetuning --out run" + quick;
  const Said others = program.shell(learn);
  CHECK(others.code == 2);
  CHECK_MESSAGE(others.err.find("classes 'seed1993' are chosen among ImageNet's 1000") != std::string::npos,
                others.err);
  const Said run = program.shell(learn + "--subset all");
  REQUIRE_MESSAGE(run.code == 0, run.err);
  CHECK(read_file(program.folder() / "run/run.json").find("ImageNet-100 (packed, classes ") != std::string::npos);
}

TEST_CASE("bad files are refused before a pack is made, or left out of it") {
  const Program program;
  write_folders(program);
  program.folder().write("set/train/b/0.JPEG", "no picture");
  program.folder().write("set/train/c/1.JPEG", "");
  const std::string prepare = app("imagenet100") + "prepare --data set --subset four.txt --out pack ";
  const Said empty = program.shell(prepare);
  CHECK(empty.code == 1);
  CHECK_MESSAGE(empty.err.find("imagenet100: set: 1 x empty file (set/train/c/1.JPEG)") == 0, empty.err);
  const Said bad = program.shell(prepare + "--skip-bad 1");
  CHECK(bad.code == 1);
  CHECK_MESSAGE(bad.err.find("1 x bad file (set/train/b/0.JPEG: is no JPEG or PNG image") != std::string::npos,
                bad.err);
  CHECK(bad.err.find("or leave them out with --skip-bad 2") != std::string::npos);
  const Said said = program.shell(prepare + "--skip-bad 2");
  CHECK_MESSAGE(said.code == 0, said.err);
  CHECK(said.out.find("22 images to learn from, 8 to test with") != std::string::npos);
  CHECK(program.shell(app("imagenet100") + "prepare --data set").code == 2);
  CHECK(program.shell(app("imagenet100") + "prepare --data set --subset four.txt --out no/pack").code == 1);
}

TEST_CASE("imagenet takes all classes of a folder") {
  const Program program;
  write_folders(program);
  const Said said =
      program.shell(app("imagenet") + "--data set" + quick + "--base-classes 3 --method finetuning --out run");
  CHECK_MESSAGE(said.code == 0, said.err);
  CHECK(said.out.find("5 classes in 2 tasks") != std::string::npos);
  const Said wrong = program.shell(app("imagenet") + "--data set --subset nowhere.txt" + quick);
  CHECK(wrong.code == 1);
  CHECK(wrong.err.find("nowhere.txt") != std::string::npos);
}

TEST_CASE("landmarks takes the landmarks with most images out of the official layout") {
  const Program program;
  std::string csv = "id,url,landmark_id\n";
  for (int k = 0; k < 5; ++k)
    for (int i = 0; i < 4 + k; ++i) {
      const std::string id = "0a" + std::to_string(k) + "f00000000000" + std::to_string(i);
      csv += id + ",http://example.org/" + id + "," + std::to_string(100 + k) + "\n";
      program.folder().write("gldv2/0/a/" + std::to_string(k) + "/" + id + ".jpg", picture(k, i));
    }
  program.folder().write("gldv2/train.csv", csv);
  const Said said =
      program.shell(app("landmarks") + "--data gldv2 --subset 4:2" + quick + "--method finetuning --out run");
  REQUIRE_MESSAGE(said.code == 0, said.err);
  const std::string settings = read_file(program.folder() / "run/run.json");
  CHECK(settings.find("\"train_images\": 18") != std::string::npos);  // 8 + 7 + 6 + 5 images without two of each class
  CHECK(settings.find("\"test_images\": 8") != std::string::npos);
  const Said listed = program.shell(app("landmarks") + "list --data gldv2 --subset 4:2 --out lists/four");
  REQUIRE_MESSAGE(listed.code == 0, listed.err);
  CHECK(listed.out.find("18 images to train on and 8 to test on, of 4 classes") != std::string::npos);
  const std::string learn = app("landmarks") + "--data lists/four" + quick + "--method finetuning --out same ";
  const Said others = program.shell(learn);
  CHECK(others.code == 2);
  CHECK_MESSAGE(others.err.find("lists/four holds 4 classes, --subset 1k means 1000") != std::string::npos, others.err);
  const Said same = program.shell(learn + "--subset 4:2");
  REQUIRE_MESSAGE(same.code == 0, same.err);
  CHECK(read_file(program.folder() / "run/accuracy_task_aware.csv") ==
        read_file(program.folder() / "same/accuracy_task_aware.csv"));
  for (const char* subset : {"2k", "4", "4:", ":2", "4:0", "0:1"}) {
    const Said wrong = program.shell(app("landmarks") + "--data gldv2 --subset " + subset + quick);
    CHECK(wrong.code == 2);
    CHECK(wrong.err.find("CLASSES:TEST") != std::string::npos);
  }
}

}  // namespace
}  // namespace mneme::test
