#include "data/datasets/mnist.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "data/datasets/dataset_urls.h"
#include "engine/base/error.h"
#include "tests/data/formats/idx_writer.h"
#include "tests/data/scratch_folder.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

constexpr size_t plane = 28 * 28;

/// Image n, all of one grey but for a white pixel in row 1, column 3.
std::string image(int n) {
  std::string pixels(plane, static_cast<char>(10 * n));
  pixels[28 + 3] = '\xff';
  return pixels;
}

std::string images(int count) {
  std::string pixels;
  for (int n = 0; n < count; ++n) pixels += image(n);
  return idx_file({static_cast<size_t>(count), 28, 28}, pixels);
}

std::string labels(const std::string& values) { return idx_file({values.size()}, values); }

/// A folder with a set whose files' names begin with `before`: three training images and two test images.
struct Folder {
  ScratchFolder scratch;
  explicit Folder(const std::string& before = "", const std::string& tests = "t10k-", const std::string& ending = "",
                  const std::string& train_labels = {0, 9, 1}) {
    const auto write = [&](const std::string& name, const std::string& bytes) {
      scratch.write(before + name + ending, ending == ".gz" ? gzipped(bytes) : bytes);
    };
    write("train-images-idx3-ubyte", images(3));
    write("train-labels-idx1-ubyte", labels(train_labels));
    write(tests + "images-idx3-ubyte", images(2));
    write(tests + "labels-idx1-ubyte", labels({1, 2}));
  }
  ResidentDataset load(const std::string& set = "mnist") const { return load_mnist(scratch.path(), {.set = set}); }
  std::string message(const std::string& set = "mnist") const {
    return message_of([&] { load(set); });
  }
};

TEST_CASE("MNIST is read as published, packed or not, the grey plane once for each channel") {
  for (const char* ending : {"", ".gz"}) {
    const Folder folder("", "t10k-", ending);
    const ResidentDataset set = folder.load();
    CHECK(set.train.info.name == "MNIST");
    CHECK(set.train.info.channels == 3);
    CHECK(set.train.info.height == 28);
    CHECK(set.train.labels == std::vector<int>{0, 9, 1});
    CHECK(set.test.labels == std::vector<int>{1, 2});
    REQUIRE(set.train.pixels.size() == 3 * 3 * plane);
    for (int n = 0; n < 3; ++n)
      for (size_t i = 0; i < 3 * plane; ++i)
        REQUIRE(set.train.image(n)[i] == static_cast<uint8_t>(image(n)[i % plane]));
    CHECK(set.test.image(1)[plane + 28 + 3] == 255);
  }
}

TEST_CASE("every set has its classes' names") {
  const auto names = [](const std::string& set, const std::string& before) {
    const bool emnist = !before.empty();
    const Folder folder(before, emnist ? "test-" : "t10k-", "", {1, 2, 3});
    return folder.load(set).train.info.class_names;
  };
  CHECK(names("mnist", "").back() == "9");
  CHECK(names("fashion", "") == std::vector<std::string>{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                                         "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"});
  CHECK(names("kmnist", "")[9] == "wo");
  const auto balanced = names("emnist-balanced", "emnist-balanced-");
  CHECK(balanced.size() == 47);
  CHECK(balanced[10] == "A");
  CHECK(balanced[36] == "a");
  CHECK(balanced[46] == "t");
  CHECK(names("emnist-bymerge", "emnist-bymerge-") == balanced);
  CHECK(names("emnist-byclass", "emnist-byclass-").size() == 62);
  CHECK(names("emnist-byclass", "emnist-byclass-")[61] == "z");
  CHECK(names("emnist-letters", "emnist-letters-").size() == 26);
  CHECK(names("emnist-digits", "emnist-digits-").size() == 10);
  CHECK(names("emnist-mnist", "emnist-mnist-")[3] == "3");
  CHECK(mnist_sets().size() == 9);
}

TEST_CASE("EMNIST's images are turned upright, and its letters are numbered from 0") {
  const Folder folder("emnist-letters-", "test-", ".gz", {1, 26, 2});
  const ResidentDataset set = folder.load("emnist-letters");
  CHECK(set.train.labels == std::vector<int>{0, 25, 1});
  CHECK(set.train.info.class_names[25] == "Z");
  CHECK(set.train.image(0)[3 * 28 + 1] == 255);  // written in row 1, column 3
  CHECK(set.train.image(0)[28 + 3] == 0);
  const Folder zero("emnist-letters-", "test-", "", {0, 26, 2});
  check_says(zero.message("emnist-letters"), "image 0 has label 0, expected 1 to 26");
}

TEST_CASE("mean and deviation are those of the training pixels, to four digits") {
  const Folder folder;
  const Normalisation normalisation = folder.load().test.info.normalisation;
  // By hand: greys 0, 10 and 20 on 783 pixels each, and three white ones, of 2352.
  const double all = 3 * plane, mean = (783 * 30 + 3 * 255) / all / 255,
               square = (783.0 * 500 + 3.0 * 255 * 255) / all / (255.0 * 255),
               deviation = std::sqrt(square - mean * mean);
  REQUIRE(normalisation.mean.size() == 3);
  for (size_t c = 0; c < 3; ++c) {
    CHECK(normalisation.mean[c] == doctest::Approx(std::round(mean * 1e4) / 1e4));
    CHECK(normalisation.std[c] == doctest::Approx(std::round(deviation * 1e4) / 1e4));
  }
}

TEST_CASE("the files are found where the download and torchvision put them, and a set's own folder comes first") {
  const ScratchFolder scratch;
  const auto write = [&](const std::string& place, const std::string& before, const std::string& tests, char label) {
    for (const std::string& part : {std::string("train-"), tests}) {
      scratch.write(place + before + part + "images-idx3-ubyte", images(1));
      scratch.write(place + before + part + "labels-idx1-ubyte", labels(std::string(1, label)));
    }
  };
  const auto label = [&](const char* set) { return load_mnist(scratch.path(), {.set = set}).train.labels[0]; };
  write("", "", "t10k-", 1);
  for (const char* set : {"mnist", "fashion", "kmnist"}) CHECK(label(set) == 1);
  write("FashionMNIST/raw/", "", "t10k-", 2);
  write("kmnist/", "", "t10k-", 3);
  write("emnist/gzip/", "emnist-digits-", "test-", 4);
  write("EMNIST/raw/", "emnist-mnist-", "test-", 5);
  write("gzip/", "emnist-byclass-", "test-", 6);
  CHECK(label("mnist") == 1);
  CHECK(label("fashion") == 2);
  CHECK(label("kmnist") == 3);
  CHECK(label("emnist-digits") == 4);
  CHECK(label("emnist-mnist") == 5);
  CHECK(label("emnist-byclass") == 6);
}

TEST_CASE("what is missing is told with the command that fetches it") {
  const ScratchFolder empty;
  const std::string folder = empty.path().string();
  const auto message = [&](const char* set) { return message_of([&] { load_mnist(empty.path(), {.set = set}); }); };
  CHECK(message("fashion") == "no Fashion-MNIST in " + folder +
                                  ": neither train-images-idx3-ubyte.gz nor train-images-idx3-ubyte, there or in " +
                                  folder + "/fashion; fetch it with `mnist download --set fashion --data " + folder +
                                  "`");
  check_says(message("emnist-digits"),
             "emnist-digits-train-images-idx3-ubyte, there or in " + folder + "/emnist/gzip;");
  check_says(message("fasion"), "unknown set 'fasion'; did you mean 'fashion'?");
  const Folder part;
  std::filesystem::remove(part.scratch / "t10k-labels-idx1-ubyte");
  check_says(part.message(), "no t10k-labels-idx1-ubyte.gz in " + part.scratch.path().string() +
                                 ", nor that file unpacked; fetch it with `mnist download --set mnist`");
}

TEST_CASE("files that do not fit together are refused with the reason") {
  const Folder folder;
  const auto says = [&](const char* name, const std::string& bytes, const std::string& part) {
    folder.scratch.write(name, bytes);
    check_says(folder.message(), part);
  };
  says("train-labels-idx1-ubyte", labels({1, 2}), "has 3 images, and ");
  says("train-labels-idx1-ubyte", labels({1, 10, 2}), "train-labels-idx1-ubyte: image 1 has label 10, expected 0 to 9");
  says("train-labels-idx1-ubyte", images(3), "is no idx file of 1 axes: it has 3 axes, expected 1");
  says("train-images-idx3-ubyte", labels({1, 2}), "is no idx file of 3 axes: it has 1 axes, expected 3");
  folder.scratch.write("train-labels-idx1-ubyte", labels({1, 2, 3}));
  says("train-images-idx3-ubyte", images(3).substr(0, 2000), "ends too early: 2000 bytes of the 2368");
  says("train-images-idx3-ubyte", idx_file({1, 32, 32}, std::string(1024, 'x')),
       "holds images of 32 x 32 pixels, expected 28 x 28");
  says("train-images-idx3-ubyte", idx_file({0, 28, 28}, ""), "holds no images");
  folder.scratch.write("train-labels-idx1-ubyte", labels({1}));
  says("train-images-idx3-ubyte", idx_file({1, 28, 28}, std::string(plane, 'x')),
       "all pixels of the training images are alike");
}

TEST_CASE("a packed file of the official size must be the official one") {
  const Folder folder("", "t10k-", ".gz");
  const dataset_urls::DataFile& official = dataset_urls::mnist[0].files[3];
  const std::filesystem::path file = folder.scratch / official.name;
  std::filesystem::resize_file(file, static_cast<uintmax_t>(official.file.bytes));
  check_says(folder.message(), "t10k-labels-idx1-ubyte.gz: has the size of the official file but other content");
  CHECK(message_of([&] { load_mnist(folder.scratch.path(), {.check_content = false}); }).find("official") ==
        std::string::npos);
  CHECK(folder.message("fashion").find("official") == std::string::npos);
}

TEST_CASE("each downloaded set is one of the sets, and its files have the names that are read") {
  for (const dataset_urls::MnistFiles& set : dataset_urls::mnist) {
    CHECK(std::ranges::count(mnist_sets(), std::string(set.set)) == 1);
    const std::vector<std::string> names{"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
                                         "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"};
    for (size_t i = 0; i < 4; ++i) {
      CHECK(set.files[i].name == names[i]);
      CHECK(set.files[i].file.url.ends_with("/" + names[i]));
      CHECK(set.files[i].file.md5.size() == 32);
    }
  }
  CHECK_THROWS_AS(download_mnist("nowhere", "cifar10"), UsageError);
}

}  // namespace
}  // namespace mneme::test
