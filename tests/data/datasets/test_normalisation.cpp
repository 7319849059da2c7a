// The constants by which the images of each set are normalised, against a list that was written down from the sources
// it names, and not from this project's code. tests/apps/test_large_normalisation.cpp does it for sets of large images.

#include <doctest/doctest.h>

#include "data/datasets/cifar100.h"
#include "data/datasets/generated.h"
#include "data/datasets/imagenet32.h"
#include "data/datasets/svhn.h"
#include "data/files/file_bytes.h"
#include "tests/data/formats/mat_writer.h"
#include "tests/data/scratch_folder.h"
#include "tests/support/paths.h"

namespace mneme::test {
namespace {

using Channels = std::vector<float>;

void check(const ImageSetInfo& info, const Channels& mean, const Channels& deviation) {
  CAPTURE(info.name);
  CHECK(Channels(info.normalisation.mean.begin(), info.normalisation.mean.end()) == mean);
  CHECK(Channels(info.normalisation.std.begin(), info.normalisation.std.end()) == deviation);
}

// FACIL, src/datasets/dataset_config.py, entry 'cifar100'.
TEST_CASE("CIFAR-100 is normalised by FACIL's constants") {
  const ScratchFolder scratch;
  std::string records;
  for (int i = 0; i < 100; ++i) records += std::string(1, '\0') + static_cast<char>(i) + std::string(3072, 'x');
  for (const char* name : {"train.bin", "test.bin"}) scratch.write(name, records);
  const ResidentDataset set = load_cifar100(scratch.path());
  for (const ResidentImages* part : {&set.train, &set.test})
    check(part->info, {0.5071f, 0.4866f, 0.4409f}, {0.2009f, 0.1984f, 0.2023f});
}

// FACIL, the same file, entry 'svhn'.
TEST_CASE("SVHN is normalised by FACIL's constants") {
  const ScratchFolder scratch;
  const double one = 1;
  std::string label(8, '\0');
  std::memcpy(label.data(), &one, sizeof one);
  for (const char* name : {"train_32x32.mat", "test_32x32.mat"})
    scratch.write(name, mat_file({mat_array("X", {32, 32, 3, 1}, mx_uint8, mi_uint8, std::string(3072, 'x')),
                                  mat_array("y", {1, 1}, mx_double, mi_double, label)}));
  const ResidentDataset set = load_svhn(scratch.path(), {});
  for (const ResidentImages* part : {&set.train, &set.test})
    check(part->info, {0.4377f, 0.4438f, 0.4728f}, {0.198f, 0.201f, 0.197f});
}

// FACIL, the same file, entry 'imagenet_32'.
TEST_CASE("ImageNet-32 is normalised by FACIL's constants") {
  const std::filesystem::path file = source_path("tests/data/pickles/imagenet32/protocol2.pickle");
  check(parse_imagenet32_batch(read_file(file), "it").info, {0.481f, 0.457f, 0.408f}, {0.260f, 0.253f, 0.268f});
}

// Of our own images: near the means and deviations of all their pixels.
TEST_CASE("generated images are normalised alike in all channels") {
  check(generate_images({.classes = 2, .train_per_class = 1, .seed = 1}).train.info, {0.45f, 0.45f, 0.45f},
        {0.25f, 0.25f, 0.25f});
}

}  // namespace
}  // namespace mneme::test
