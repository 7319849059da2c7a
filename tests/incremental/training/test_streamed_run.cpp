// Runs whose images are decoded during training.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "data/batches/streamed_images.h"
#include "data/files/file_bytes.h"
#include "data/files/text_lines.h"
#include "tests/data/images/memory_images.h"
#include "tests/incremental/run_files.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

/// Four classes of image files of several sizes; image i has the label i mod 4. One file may be damaged.
std::shared_ptr<const ImageSet> streamed_part(uint32_t seed, int per_class, int threads, int damaged = -1) {
  std::vector<int> labels;
  std::vector<RawImage> pictures;
  for (int i = 0; i < 4 * per_class; ++i) {
    labels.push_back(i % 4);
    const bool bad = i == damaged;
    pictures.push_back(bad ? RawImage{} : smooth_image(9 + i % 5, 8 + i % 7, seed + static_cast<uint32_t>(i)));
  }
  return std::make_shared<StreamedImages>(
      std::make_shared<MemoryImages>(std::vector<std::string>{"a", "b", "c", "d"}, labels, pictures),
      StreamOptions{.name = "streamed",
                    .side = 8,
                    .normalisation = {{0.5f, 0.5f, 0.5f}, {0.25f, 0.25f, 0.25f}},
                    .threads = threads});
}

OwnedDataset streamed_data(int threads, int damaged = -1) {
  return {streamed_part(1, 8, threads, damaged), streamed_part(100, 3, threads)};
}

ExperimentOptions streaming(const std::string& method) {
  ExperimentOptions o = tiny_options_for(method);
  o.train.augmentation = {.crop = Crop::resized_crop, .flip = true, .brightness = 0.2};
  o.train.epochs = 2;
  o.selection = Selection::herding;
  o.save_models = true;
  return o;
}

TEST_CASE("a run on streamed images ends in the same files with any number of decoding threads, stopped or not") {
  for (const char* method : {"il-baseline-meta", "icarl"}) {
    CAPTURE(method);
    const ExperimentOptions o = streaming(method);
    const ScratchFolder scratch(memory_or_disk());
    const OwnedDataset one = streamed_data(1), three = streamed_data(3);
    REQUIRE(run_until(o, one, scratch / "whole", -1));
    CHECK(std::filesystem::file_size(scratch / "whole" / "exemplars.svg") > 1000);
    for (const std::string& line : read_lines(scratch / "whole" / "timing.jsonl")) {
      const double share = nlohmann::json::parse(line)["waiting_for_images"];
      CHECK(share > 0);
      CHECK(share < 1);
    }
    for (int stop = 1; stop < 12; stop += 4) {
      const std::filesystem::path path = scratch / ("stopped" + std::to_string(stop));
      REQUIRE_FALSE(run_until(o, three, path, stop));
      REQUIRE(run_until(o, one, path, -1));
      CHECK(different_files(scratch / "whole", path) == std::vector<std::string>{});
    }
  }
}

TEST_CASE("a picture that cannot be decoded ends the run with its name, and the run goes on once it can") {
  const ExperimentOptions o = streaming("il-baseline");
  const ScratchFolder scratch(memory_or_disk());
  REQUIRE(run_until(o, streamed_data(2), scratch / "whole", -1));
  const OwnedDataset damaged = streamed_data(2, 30);  // the file is of class 2, which is in the second task
  CHECK_THROWS_WITH_AS(run_until(o, damaged, scratch / "hurt", -1), doctest::Contains("image 30 is damaged"), Error);
  REQUIRE(run_until(o, streamed_data(2), scratch / "hurt", -1));
  CHECK(different_files(scratch / "whole", scratch / "hurt") == std::vector<std::string>{});
}

}  // namespace
}  // namespace mneme::test
