// build/apps/mnist, tiny-imagenet, cub200 and core50 from files in their official layouts to a finished run.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/apps/program.h"
#include "tests/data/formats/idx_writer.h"
#include "tests/data/images/memory_images.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

using nlohmann::json;

std::string app(const std::string& name) { return "\"" + program_path(name) + "\" "; }

const std::string quick =
    "--network resnet8 --epochs 1 --batch-size 8 --validation 0 --method il-baseline --memory-per-class 1 --quiet ";

std::string picture(int side, int number) { return png_of(smooth_image(side, side, static_cast<uint32_t>(number))); }

/// A run's settings, after it ended well.
json settings_of(const Program& program, const std::string& command) {
  const Said said = program.shell(command + " --out run");
  REQUIRE_MESSAGE(said.code == 0, said.err);
  return json::parse(read_file(program.folder() / "run/run.json"));
}

void write_fashion(const Program& program) {
  for (const std::string part : {"train-", "t10k-"}) {
    std::string pixels, labels;
    for (int n = 0; n < 20; ++n) {
      labels.push_back(static_cast<char>(n % 10));
      for (int i = 0; i < 784; ++i) pixels.push_back(static_cast<char>(i * (n % 10 + 1) + n));
    }
    const std::string before = "data/fashion/" + part;
    program.folder().write(before + "images-idx3-ubyte.gz", gzipped(idx_file({20, 28, 28}, pixels)));
    program.folder().write(before + "labels-idx1-ubyte.gz", gzipped(idx_file({20}, labels)));
  }
}

TEST_CASE("mnist learns the set that --set names, without mirroring it, and evaluates what it learned") {
  const Program program;
  write_fashion(program);
  const json settings = settings_of(program, app("mnist") + "--data data --set fashion " + quick);
  CHECK(settings["training"]["augmentation"]["flip"] == false);
  CHECK(settings.dump().find("Fashion-MNIST") != std::string::npos);
  const Said evaluated = program.shell(app("mnist") + "evaluate run --data data --set fashion --json");
  REQUIRE_MESSAGE(evaluated.code == 0, evaluated.err);
  CHECK(read_file(program.folder() / "run/models/task_05.safetensors").find("Ankle boot") != std::string::npos);
  const Said other = program.shell(app("mnist") + "--data data " + quick);
  CHECK(other.code == 1);
  check_says(other.err.substr(0, other.err.size() - 1),
             "mnist: no MNIST in data: neither train-images-idx3-ubyte.gz nor train-images-idx3-ubyte, there or in "
             "data/mnist; fetch it with `mnist download --set mnist --data data`");
  const Said unknown = program.shell(app("mnist") + "download --data data --set fasion");
  CHECK(unknown.code == 2);
  CHECK(unknown.err.find("did you mean 'fashion'?") != std::string::npos);
}

TEST_CASE("tiny-imagenet learns from its own layout, from lists and from a pack, with names of words.txt") {
  const Program program;
  std::string annotations;
  for (int k = 0; k < 2; ++k) {
    const std::string id = fmt::format("n0{}", k);
    for (int i = 0; i < 4; ++i)
      program.folder().write(fmt::format("tiny-imagenet-200/train/{0}/images/{0}_{1}.JPEG", id, i),
                             picture(64, 9 * k + i));
    program.folder().write(fmt::format("tiny-imagenet-200/val/images/val_{}.JPEG", k), picture(64, 9 * k + 5));
    annotations += fmt::format("val_{}.JPEG\t{}\t0\t0\t62\t62\n", k, id);
  }
  program.folder().write("tiny-imagenet-200/val/val_annotations.txt", annotations);
  program.folder().write("tiny-imagenet-200/wnids.txt", "n01\nn00\n");
  program.folder().write("tiny-imagenet-200/words.txt",
                         "n00\tgoldfish, Carassius auratus\nn01\tEuropean fire salamander\n");
  const std::string tiny = app("tiny-imagenet"), two = "--tasks 2 --order identity ";
  const json settings = settings_of(program, tiny + "--data . " + two + quick);
  CHECK(settings.dump().find("\"Tiny-ImageNet\"") != std::string::npos);
  CHECK(program.shell(tiny + "evaluate run --data .").code == 0);
  const std::string model = read_file(program.folder() / "run/models/task_02.safetensors");
  CHECK(model.find("European fire salamander") != std::string::npos);
  // mammoth, datasets/seq_tinyimagenet.py
  for (const float number : {0.4802f, 0.4480f, 0.3975f, 0.2770f, 0.2691f, 0.2821f})
    CHECK_MESSAGE(model.find(fmt::format("{}", static_cast<double>(number))) != std::string::npos, number);
  const std::string summary = read_file(program.folder() / "run/summary.json");
  for (const std::string command : {"list --data . --out other", "prepare --data . --out other.pack"}) {
    const Said said = program.shell(tiny + command);
    REQUIRE_MESSAGE(said.code == 0, said.err);
  }
  for (const std::string data : {"other", "other.pack"}) {
    const Said said = program.shell(tiny + "--data " + data + " " + two + quick + "--out again --overwrite");
    REQUIRE_MESSAGE(said.code == 0, said.err);
    const json first = json::parse(summary), again = json::parse(read_file(program.folder() / "again/summary.json"));
    CHECK(first["accuracy_task_agnostic"] == again["accuracy_task_agnostic"]);
  }
}

TEST_CASE("cub200 learns from its own layout, and a list that names a missing image is one line") {
  const Program program;
  std::string images, labels, split;
  for (int i = 0; i < 6; ++i) {
    const int kind = 1 + i / 3;
    const std::string file = fmt::format("00{}.Bird/bird_{}.jpg", kind, i);
    if (i < 5) program.folder().write("CUB_200_2011/images/" + file, picture(50 + i, i));
    images += fmt::format("{} {}\n", i + 1, file);
    labels += fmt::format("{} {}\n", i + 1, kind);
    split += fmt::format("{} {}\n", i + 1, i % 3 == 0 ? 0 : 1);
  }
  program.folder().write("CUB_200_2011/classes.txt", "1 001.Bird\n2 002.Bird\n");
  program.folder().write("CUB_200_2011/images.txt", images);
  program.folder().write("CUB_200_2011/image_class_labels.txt", labels);
  program.folder().write("CUB_200_2011/train_test_split.txt", split);
  const std::string start = app("cub200") + "--data . --tasks 2 --order identity --image-size 32 " + quick;
  const Said refused = program.shell(start);
  CHECK(refused.code == 1);
  check_says(refused.err.substr(0, refused.err.size() - 1),
             "1 x absent file (./CUB_200_2011/images/002.Bird/bird_5.jpg)");
  const json settings = settings_of(program, start + "--skip-bad 1");
  CHECK(settings.dump().find("\"CUB-200-2011\"") != std::string::npos);
}

TEST_CASE("core50 learns a published run in its nine batches") {
  const Program program;
  std::string lists[10];
  const auto add = [&](std::string& list, int session, int object, int label) {
    const std::string file = fmt::format("s{0}/o{1}/C_{0:02}_{1:02}_000.png", session, object);
    program.folder().write("core50_128x128/" + file, picture(16, object));
    list += fmt::format("{} {}\n", file, label);
  };
  for (int label = 0; label < 50; ++label) {
    const int batch = label < 10 ? 0 : label / 5 - 1, object = 50 - label;
    for (const int session : {1, 2}) add(lists[batch], session, object, label);
    add(lists[9], 3, object, label);
  }
  for (int batch = 0; batch < 9; ++batch)
    program.folder().write(fmt::format("batches_filelists/NC_inc/run4/train_batch_0{}_filelist.txt", batch),
                           lists[batch]);
  program.folder().write("batches_filelists/NC_inc/run4/test_filelist.txt", lists[9]);
  const std::string start = app("core50") + "--data . --image-size 32 " + quick;
  const json settings = settings_of(program, start + "--stop-after 2 --subset run4");
  CHECK(settings.dump().find("CORe50 (run4, classes ") != std::string::npos);
  CHECK(settings.dump().find("[10,5,5,5,5,5,5,5,5]") != std::string::npos);
  const Said absent = program.shell(start);
  CHECK(absent.code == 1);
  check_says(absent.err.substr(0, absent.err.size() - 1), "lacks batches_filelists/NC_inc/run0 of CORe50");
  const Said unknown = program.shell(start + "--subset run10");
  CHECK(unknown.code == 2);
  check_says(unknown.err.substr(0, unknown.err.size() - 1), "--subset 'run10': give run0 to run9");
}

TEST_CASE("the programs of more sets have no rows of tables, but a verb that fetches the set") {
  const Program program;
  for (const char* name : {"mnist", "tiny-imagenet", "cub200", "core50"}) {
    CAPTURE(name);
    CHECK(program.shell(app(name) + "--list-presets").out.empty());
    CHECK(program.shell(app(name) + "download --help").out.find("Folder to unpack into") != std::string::npos);
    const Said nowhere = program.shell(app(name) + "--data nowhere");
    CHECK(nowhere.code == 1);
    CHECK(nowhere.err.find("download") != std::string::npos);
  }
}

}  // namespace
}  // namespace mneme::test
