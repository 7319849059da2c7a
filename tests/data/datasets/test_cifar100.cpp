#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>

#include "data/datasets/cifar100.h"
#include "data/files/file_bytes.h"
#include "engine/base/error.h"
#include "tests/data/scratch_folder.h"
#include "tests/support/paths.h"

using namespace mneme;
namespace fs = std::filesystem;

namespace {

/// A record: superclass, class, and pixels k = (7 n + k) mod 251, as in tests/data/pickles.
std::string record(int n, int coarse, int fine) {
  std::string r{static_cast<char>(coarse), static_cast<char>(fine)};
  for (int k = 0; k < 3072; ++k) r.push_back(static_cast<char>((7 * n + k) % 251));
  return r;
}

const std::string three_records = record(0, 11, 19) + record(1, 15, 29) + record(2, 4, 0);

std::string pickled(const char* name) { return read_file(test::source_path("tests/data/pickles") / name); }

std::string message_of(const fs::path& folder) {
  try {
    load_cifar100(folder);
  } catch (const Error& error) {
    CHECK(error.exit_code() == 1);
    CHECK(std::string_view(error.what()).find('\n') == std::string_view::npos);
    return error.what();
  }
  return "no error";
}

void check_message(const fs::path& folder, std::initializer_list<std::string> parts) {
  const std::string message = message_of(folder);
  CAPTURE(message);
  for (const std::string& part : parts) CHECK_MESSAGE(message.find(part) != std::string::npos, "lacks: ", part);
}

void check_three(const ResidentImages& images) {
  CHECK(images.labels == std::vector<int>{19, 29, 0});
  REQUIRE(images.size() == 3);
  for (int n = 0; n < 3; ++n)
    for (int k = 0; k < 3072; ++k) REQUIRE(images.image(n)[static_cast<size_t>(k)] == (7 * n + k) % 251);
}

fs::path shared_data() {
  const char* shared = std::getenv("MNEME_SHARED");
  return shared ? fs::path(shared) / "data" : fs::path();
}

}  // namespace

TEST_CASE("the binary layout is found in the folder and below it, with its class names") {
  test::ScratchFolder scratch;
  scratch.write("cifar-100-binary/train.bin", three_records);
  scratch.write("cifar-100-binary/test.bin", record(0, 4, 99));
  for (const fs::path& folder : {scratch.path(), scratch / "cifar-100-binary"}) {
    const ResidentDataset data = load_cifar100(folder);
    check_three(data.train);
    CHECK(data.test.labels == std::vector<int>{99});
    CHECK(data.train.info.name == "CIFAR-100");
    CHECK(data.train.info.image_bytes() == 3072);
    CHECK(data.train.info.classes() == 100);
    CHECK(data.train.info.class_names[99] == "worm");
    CHECK(data.test.info.normalisation.mean == std::vector<float>{0.5071f, 0.4866f, 0.4409f});
  }
  std::string names;
  for (int i = 0; i < 100; ++i) names += "name" + std::to_string(i) + "\r\n";
  scratch.write("cifar-100-binary/fine_label_names.txt", names + "\n");
  CHECK(load_cifar100(scratch.path()).test.info.class_names[42] == "name42");
}

TEST_CASE("the python layout reads as the binary one does, whichever Python wrote it") {
  for (const char* name : {"py2-protocol2.pickle", "numpy1-protocol4.pickle", "numpy2-protocol5.pickle"}) {
    test::ScratchFolder scratch;
    scratch.write("cifar-100-python/train", pickled(name));
    scratch.write("cifar-100-python/test", pickled(name));
    check_three(load_cifar100(scratch.path()).train);
    check_three(load_cifar100(scratch / "cifar-100-python").test);
  }
}

TEST_CASE("class names come from the pickle meta") {
  test::ScratchFolder scratch;
  scratch.write("train", pickled("py2-protocol2.pickle"));
  scratch.write("test", pickled("py2-protocol2.pickle"));
  std::string meta =
      "\x80\x02}U\x10"
      "fine_label_names](";
  for (int i = 0; i < 100; ++i) meta += std::string("U\x02n") + static_cast<char>('0' + i % 10);
  scratch.write("meta", meta + "es.");
  CHECK(load_cifar100(scratch.path()).train.info.class_names[37] == "n7");
  scratch.write("meta",
                "\x80\x02}U\x10"
                "fine_label_names](U\x01"
                "aes.");
  check_message(scratch.path(), {"meta: 1 class names, expected 100"});
  scratch.write("meta", "\x80\x02}.");
  check_message(scratch.path(), {"meta: expected a list of names under 'fine_label_names', found the keys []"});
}

TEST_CASE("an absent set says what was looked for and how to get it") {
  test::ScratchFolder scratch;
  const std::string at = scratch.path().string();
  check_message(scratch.path(), {"no CIFAR-100 in " + at, "train.bin", at + "/cifar-100-binary",
                                 at + "/cifar-100-python", "cifar100 download --data " + at});
  check_message(scratch / "nowhere", {"no CIFAR-100 in"});
}

TEST_CASE("a missing half is named") {
  test::ScratchFolder scratch;
  scratch.write("train.bin", three_records);
  check_message(scratch.path(), {(scratch / "test.bin").string() + ": no such file"});
}

TEST_CASE("truncated, empty and overlong binary files are refused") {
  test::ScratchFolder scratch;
  scratch.write("test.bin", record(0, 4, 0));
  for (const std::string& bytes :
       {three_records.substr(0, three_records.size() - 1), three_records + "x", std::string()}) {
    scratch.write("train.bin", bytes);
    check_message(scratch.path(),
                  {"train.bin: " + std::to_string(bytes.size()) + " bytes", "3074-byte records", "fetch it again"});
  }
}

TEST_CASE("labels out of range and contradictory labels are refused with the record") {
  test::ScratchFolder scratch;
  scratch.write("test.bin", record(0, 4, 0));
  scratch.write("train.bin", three_records + record(3, 4, 100));
  check_message(scratch.path(), {"train.bin: record 3 has fine label 100, expected 0..99"});
  scratch.write("train.bin", three_records + record(3, 20, 0));
  check_message(scratch.path(), {"train.bin: record 3 has coarse label 20, expected 0..19"});
  scratch.write("train.bin", three_records + record(3, 5, 0));
  check_message(scratch.path(), {"record 3 puts class 0 into superclass 5, earlier records into 4"});
}

TEST_CASE("a wrong number of class names is refused") {
  test::ScratchFolder scratch;
  scratch.write("train.bin", three_records);
  scratch.write("test.bin", three_records);
  scratch.write("fine_label_names.txt", "apple\nbaby\n");
  check_message(scratch.path(), {"fine_label_names.txt: 2 class names, expected 100"});
}

TEST_CASE("pickles that are no CIFAR records are refused") {
  test::ScratchFolder scratch;
  const std::string good = pickled("py2-protocol2.pickle");
  scratch.write("test", good);
  scratch.write("train", "\x80\x02].");
  check_message(scratch.path(), {"train: the pickle is no dictionary"});
  scratch.write("train", "\x80\x02}.");
  check_message(scratch.path(), {"train: expected an array of images under 'data'"});
  scratch.write("train", good.substr(0, 5000));
  check_message(scratch.path(), {"train: ends in the middle of a value, 5000 bytes long; the file is truncated"});
  std::string bad = good;
  bad.replace(bad.find("K\x13K\x1dK"), 2, 1, 'N');  // replaces the fine label 19 by None
  scratch.write("train", bad);
  check_message(scratch.path(), {"train: 'fine_labels' holds something that is no label at position 0"});
  bad.erase(bad.find("NK\x1dK"), 1);
  scratch.write("train", bad);
  check_message(scratch.path(), {"train: 3 images but 2 fine and 3 coarse labels"});
}

TEST_CASE("a set of the official size must hold the official images unless told otherwise") {
  test::ScratchFolder scratch;
  std::string ten_thousand;
  for (int i = 0; i < 10000; ++i) ten_thousand += record(0, 4, 0);
  scratch.write("train.bin", three_records);
  scratch.write("test.bin", ten_thousand);
  check_message(scratch.path(), {"test.bin: 10000 images, but not the official ones", "damaged"});
  CHECK(load_cifar100(scratch.path(), {.check_content = false}).test.size() == 10000);
}

TEST_CASE("the real subset loads: 20 and 10 images of every class") {
  if (shared_data().empty()) {
    MESSAGE("MNEME_SHARED is not set: skipped");
    return;
  }
  const ResidentDataset data = load_cifar100(shared_data() / "cifar-100-mini");
  std::vector<int> train(100), test(100);
  for (int label : data.train.labels) ++train.at(static_cast<size_t>(label));
  for (int label : data.test.labels) ++test.at(static_cast<size_t>(label));
  CHECK(train == std::vector<int>(100, 20));
  CHECK(test == std::vector<int>(100, 10));
  CHECK(data.train.info.class_names[0] == "apple");
}

TEST_CASE("a label flipped in the real subset is noticed") {
  if (shared_data().empty()) {
    MESSAGE("MNEME_SHARED is not set: skipped");
    return;
  }
  test::ScratchFolder scratch;
  const fs::path mini = shared_data() / "cifar-100-mini/cifar-100-binary";
  std::string train = read_file(mini / "train.bin");
  train[3074 * 700 + 1] ^= 0x10;
  scratch.write("train.bin", train);
  scratch.write("test.bin", read_file(mini / "test.bin"));
  check_message(scratch.path(), {"train.bin: record", "damaged"});
}

TEST_CASE("the complete official set passes its content check, one flipped pixel bit does not") {
  const char* full = std::getenv("MNEME_CIFAR100");
  if (!full) {
    MESSAGE("MNEME_CIFAR100 does not name a folder with the complete set: skipped");
    return;
  }
  const ResidentDataset data = load_cifar100(full);
  CHECK(data.train.size() == 50000);
  CHECK(data.test.size() == 10000);
  test::ScratchFolder scratch;
  std::string test = read_file(fs::path(full) / "cifar-100-binary/test.bin");
  test[1234567] ^= 1;
  scratch.write("train.bin", three_records);
  scratch.write("test.bin", test);
  check_message(scratch.path(), {"test.bin: 10000 images, but not the official ones"});
}
