#include <doctest/doctest.h>

#include "apps/pictures/suggest.h"
#include "data/datasets/image_files/pictures.h"
#include "tests/data/images/memory_images.h"
#include "tests/data/scratch_folder.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

std::string words(const PicturesSeen& seen) {
  std::string all;
  for (const Suggestion& s : suggestions_for(seen)) all += s.flag + " " + s.value + " ";
  return all;
}

TEST_CASE("size and number of a user's images choose image size, network, tasks, batch size and epochs") {
  CHECK(words({8, 400, 40}) == "--image-size 32 --network resnet32 --tasks 2 --batch-size 16 --epochs 100 ");
  CHECK(words({3, 60, 100}) == "--image-size 64 --network resnet32 --tasks 1 --batch-size 8 --epochs 100 ");
  CHECK(words({20, 5000, 300}) == "--image-size 224 --network resnet18 --tasks 5 --batch-size 64 --epochs 100 ");
  CHECK(words({200, 500000, 500}) == "--image-size 224 --network resnet18 --tasks 10 --batch-size 128 --epochs 10 ");
  CHECK(words({1, 0, 0}) == "--image-size 32 --network resnet32 --tasks 1 --batch-size 8 --epochs 100 ");
}

TEST_CASE("a folder that is not split is split by the seed, class by class, and always in the same way") {
  const ScratchFolder scratch;
  for (const char* name : {"a", "b"})
    for (int i = 0; i < 10; ++i) scratch.write(fmt::format("set/{}/{}.png", name, i), "bytes");
  const auto test_files = [&](const PicturesOptions& options) {
    const ImageFileSplit split = find_pictures(scratch / "set", options);
    std::string names;
    for (size_t i = 0; i < split.test.labels.size(); ++i) names += std::string(split.test.files[i]) + " ";
    CHECK(split.train.labels.size() + split.test.labels.size() == 20);
    return names;
  };
  const std::string first = test_files({});
  CHECK(std::count(first.begin(), first.end(), ' ') == 4);
  CHECK(first == test_files({}));
  CHECK(first != test_files({.split_seed = 2}));
  const std::string least = test_files({.test_share = 0}), most = test_files({.test_share = 1});
  CHECK(std::count(least.begin(), least.end(), ' ') == 2);
  CHECK(std::count(most.begin(), most.end(), ' ') == 18);
}

}  // namespace
}  // namespace mneme::test
