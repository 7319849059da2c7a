// The constants by which large images are normalised, against a list that was written down from the sources it names.

#include <doctest/doctest.h>

#include "apps/common/large_set.h"

namespace mneme::test {
namespace {

// torchvision's models and FACIL, src/datasets/dataset_config.py, entries 'imagenet_subset' and the like.
TEST_CASE("ImageNet is normalised by torchvision's constants") {
  const Normalisation normalisation = imagenet_files("").normalisation;
  CHECK(std::vector<float>(normalisation.mean.begin(), normalisation.mean.end()) ==
        std::vector<float>{0.485f, 0.456f, 0.406f});
  CHECK(std::vector<float>(normalisation.std.begin(), normalisation.std.end()) ==
        std::vector<float>{0.229f, 0.224f, 0.225f});
}

}  // namespace
}  // namespace mneme::test
