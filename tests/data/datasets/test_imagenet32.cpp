#include "data/datasets/imagenet32.h"

#include <doctest/doctest.h>

#include "data/files/file_bytes.h"
#include "data/images/image_file.h"
#include "data/splits/class_order.h"
#include "engine/base/error.h"
#include "incremental/report/charts/png.h"
#include "tests/data/scratch_folder.h"
#include "tests/support/messages.h"
#include "tests/support/paths.h"

namespace mneme::test {
namespace {

using Bytes = std::vector<uint8_t>;

const std::filesystem::path corpus = source_path("tests/fuzz/corpus/image_file");
const std::filesystem::path pickles = source_path("tests/data/pickles/imagenet32");

/// Ten batches and a test file, each with the two images that NumPy pickled: labels 1 and 1000.
struct Pickled {
  ScratchFolder scratch;
  std::string batch = read_file(pickles / "protocol2.pickle");

  Pickled() {
    for (int i = 1; i <= 10; ++i) scratch.write("train_data_batch_" + std::to_string(i), batch);
    scratch.write("val_data", read_file(pickles / "protocol4.pickle"));
  }
};

/// An image of one colour.
std::string png(int side, uint8_t red, uint8_t green, uint8_t blue) {
  Bytes rgb;
  for (int i = 0; i < side * side; ++i) rgb.insert(rgb.end(), {red, green, blue});
  return png_image(side, side, rgb);
}

struct ImageFolders {
  ScratchFolder scratch;
  ImageFolders() {
    scratch.write("train/n02/b.png", png(32, 4, 5, 6));
    scratch.write("train/n02/a.PNG", png(32, 1, 2, 3));
    scratch.write("train/n01/x.png", png(32, 7, 8, 9));
    scratch.write("train/n01/.hidden.png", "not read");
    scratch.write("train/n01/notes.txt", "not read");
    scratch.write("val/n02/v.png", png(32, 10, 11, 12));
  }
};

TEST_CASE("ImageNet-32 is read from its ten pickles, in which labels begin with 1 and floats stand beside") {
  const Pickled files;
  const ResidentDataset set = load_imagenet32(files.scratch.path());
  REQUIRE(set.train.size() == 20);
  REQUIRE(set.test.size() == 2);
  CHECK(set.train.info.classes() == 1000);
  CHECK(set.train.info.class_names[999] == "1000");
  CHECK(set.train.labels[0] == 0);
  CHECK(set.train.labels[19] == 999);
  for (int i = 0; i < 2; ++i)
    for (size_t k = 0; k < 3072; ++k) REQUIRE(set.test.image(i)[k] == (7 * static_cast<size_t>(i) + k) % 251);
}

TEST_CASE("chosen classes of ImageNet-32 keep their labels") {
  const Pickled files;
  const ResidentDataset set = load_imagenet32(files.scratch.path(), {.only = {999, 5}});
  CHECK(set.train.labels == std::vector<int>(10, 999));
  CHECK(set.test.labels == std::vector<int>{999});
  CHECK(set.test.image(0)[0] == 7);
}

TEST_CASE("what is wrong with the pickles is said with the file's name") {
  const Pickled files;
  const auto message = [&] { return message_of([&] { load_imagenet32(files.scratch.path()); }); };
  std::filesystem::remove(files.scratch / "train_data_batch_7");
  check_says(message(), "train_data_batch_7; the set is incomplete");
  files.scratch.write("train_data_batch_7", files.batch.substr(0, 1000));
  check_says(message(), "train_data_batch_7: ends in the middle of a value");
  files.scratch.write("train_data_batch_7", read_file(pickles / "label-0.pickle"));
  check_says(message(), "train_data_batch_7: has label 0, but ImageNet-32 numbers its classes 1..1000");
  files.scratch.write("train_data_batch_7", read_file(pickles / "float-images.pickle"));
  check_says(message(), "'data' is an array of type 'f8'");
  const ScratchFolder empty;
  check_says(message_of([&] { load_imagenet32(empty.path()); }), "no ImageNet-32 in");
}

TEST_CASE("images in folders become classes by name, whichever are in the test folder") {
  const ImageFolders files;
  const ResidentDataset set = load_imagenet32(files.scratch.path());
  CHECK(set.train.info.class_names == std::vector<std::string>{"n01", "n02"});
  CHECK(set.train.labels == std::vector<int>{0, 1, 1});
  CHECK(set.test.labels == std::vector<int>{1});
  CHECK(set.train.image(1)[0] == 1);  // sorted by name: a.PNG before b.png; the planes are red, green and blue
  CHECK(set.train.image(1)[1024] == 2);
  CHECK(set.train.image(2)[2048] == 6);
  CHECK(load_imagenet32(files.scratch.path(), {.only = {1}}).train.size() == 2);
}

TEST_CASE("what is wrong with folders of images is said with the path") {
  const auto message = [](const ImageFolders& files) {
    return message_of([&] { load_imagenet32(files.scratch.path()); });
  };
  ImageFolders size, damaged, unknown, empty, none;
  size.scratch.write("val/n02/w.png", png(31, 0, 0, 0));
  check_says(message(size), "w.png: 31 x 31 pixels, expected 32 x 32");
  damaged.scratch.write("train/n01/y.jpg", "no image");
  check_says(message(damaged), "y.jpg: is no JPEG or PNG image");
  damaged.scratch.write("train/n01/y.jpg", png(32, 1, 1, 1).substr(0, 60));
  check_says(message(damaged), "y.jpg: ends in the middle of a chunk");
  damaged.scratch.write("train/n01/y.jpg", png(32, 1, 1, 1).substr(0, 33));  // shorter than one chunk of pixels
  check_says(message(damaged), "y.jpg: ends in the middle of the image");
  unknown.scratch.write("val/n03/v.png", png(32, 0, 0, 0));
  check_says(message(unknown), "1 x class that is not among those to be learned (");
  check_says(message(unknown), "val/n03)");
  std::filesystem::create_directories(empty.scratch / "train/n00");
  check_says(message(empty), "1 x class without an image (");
  check_says(message(empty), "train/n00)");
  std::filesystem::remove_all(none.scratch / "val/n02");
  check_says(message(none), "no folder of a class");
}

TEST_CASE("grey and transparent images become red, green and blue; too large ones are refused unread") {
  for (const char* name : {"good-jpeg-L", "good-png-LA"}) {
    const RawImage grey = decode_image(read_file(corpus / name), name);
    CHECK(grey.height == 7);
    CHECK(grey.width == 9);
    REQUIRE(grey.pixels.size() == 3 * 63);
    CHECK(std::equal(grey.pixels.begin(), grey.pixels.begin() + 2 * 63, grey.pixels.begin() + 63));
  }
  check_says(message_of([] { decode_image(read_file(corpus / "huge"), "huge.png"); }), "more than 100000000");
  check_says(message_of([] { decode_image("", "empty.png"); }),
             "empty.png: is an empty file, expected a JPEG or PNG image");
}

TEST_CASE("FACIL's 300 classes of ImageNet-32 are an order of their own") {
  const std::vector<int> order = class_order("facil-300", 1000, 0);
  CHECK(order.size() == 300);
  CHECK_NOTHROW(check_order(order, 1000, "facil-300"));
  CHECK(order[0] == 472);
  CHECK(order[299] == 459);
  CHECK(order_checksum(order) == 22121124);
  CHECK_THROWS_WITH_AS(class_order("facil-300", 100, 0), doctest::Contains("1000 classes; this set has 100"), Error);
}

}  // namespace
}  // namespace mneme::test
