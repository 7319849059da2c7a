#include "incremental/models/predict.h"

#include <doctest/doctest.h>

#include <cmath>

#include "data/images/resize.h"
#include "incremental/models/model_evaluation.h"
#include "incremental/report/charts/png.h"
#include "tests/data/images/memory_images.h"
#include "tests/incremental/tiny_run.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

std::string png_of(const RawImage& p) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i < p.pixels.size() / 3; ++i)
    for (size_t c = 0; c < 3; ++c) bytes.push_back(p.pixels[c * p.pixels.size() / 3 + i]);
  return png_image(p.width, p.height, bytes);
}

TEST_CASE("predictions for the test images' own files are the evaluation's, whatever the rule") {
  for (const char* method : {"lwf", "icarl", "il2m", "lucir"}) {
    CAPTURE(method);
    const ScratchFolder scratch;
    ExperimentOptions options = tiny_options_for(method);
    options.save_models = true;
    const ResidentDataset data = tiny_data();
    Experiment experiment(options, data);
    RunFolder folder(scratch / "run");
    experiment.run(folder, {});
    const ModelContent content = read_model(model_path_of(scratch / "run", 0));
    TrainedModel model = build_model(content, "m", Device::cpu);
    const auto source = data.test.source(Device::cpu, DType::f32);
    const ModelEvaluation expected = evaluate_model(model, *source, subsets_for(content.info, data.test), true);
    std::vector<std::string> files;
    for (const int image : expected.outputs.images)
      files.push_back(
          scratch.write(fmt::format("{}.png", image), png_of(raw_image_of(data.test.info, data.test.image(image))))
              .string());
    size_t i = 0;
    predict_files(model, Device::cpu, files, 4, [&](const FilePrediction& p) {
      CHECK(p.file == files[i]);
      REQUIRE(p.fault.empty());
      REQUIRE(p.classes.size() == 4);
      CHECK(p.classes[0] == expected.outputs.predicted[i]);
      double sum = 0;
      for (size_t k = 0; k < 4; ++k) {
        CHECK((k == 0 || p.probabilities[k] <= p.probabilities[k - 1]));
        CHECK(std::abs(p.logits[k] - expected.outputs.logits[4 * i + k]) < 1e-5);
        sum += p.probabilities[k];
      }
      CHECK(sum == doctest::Approx(1));
      ++i;
    });
    CHECK(i == files.size());
  }
}

TEST_CASE("files that cannot be read are passed on with their fault, in their place") {
  const ScratchFolder scratch;
  ExperimentOptions options = tiny_options("finetuning");
  options.save_models = true;
  const ResidentDataset data = tiny_data();
  Experiment experiment(options, data);
  RunFolder folder(scratch / "run");
  experiment.run(folder, {});
  TrainedModel model = build_model(read_model(model_path_of(scratch / "run", 0)), "m", Device::cpu);
  const std::vector<std::string> files{scratch.write("a.png", png_of(smooth_image(20, 30, 1))).string(),
                                       scratch.write("b.png", "no image").string(), (scratch / "absent.png").string(),
                                       scratch.write("c.png", png_of(smooth_image(8, 8, 2))).string(),
                                       scratch.write("line.png", png_of(smooth_image(1, 70000, 3))).string()};
  std::vector<FilePrediction> found;
  predict_files(model, Device::cpu, files, 5, [&](const FilePrediction& p) { found.push_back(p); });
  REQUIRE(found.size() == 5);
  CHECK(found[0].fault.empty());
  CHECK(found[0].classes.size() == 4);  // the model has only four classes
  CHECK_FALSE(found[1].fault.empty());
  CHECK_FALSE(found[2].fault.empty());
  CHECK(found[3].fault.empty());
  check_says(found[4].fault, "too long and thin");
  for (const size_t bad : {1u, 2u, 4u}) CHECK(found[bad].classes.empty());
}

TEST_CASE("a picture of any size becomes the model's: short side resized, middle cropped") {
  const RawImage image = smooth_image(20, 30, 1);
  ModelInfo info;
  info.images = {"x", 3, 8, 8, {}, {}};
  CHECK(network_pixels(image, info).pixels == resized_centre(image, 8, {8, 8}).pixels);
  info.short_side = 10;
  CHECK(network_pixels(image, info).pixels == resized_centre(image, 10, {8, 8}).pixels);
  const RawImage fitting = smooth_image(8, 8, 2);
  CHECK(network_pixels(fitting, info).pixels == resized_centre(fitting, 10, {8, 8}).pixels);
  info.short_side = 0;
  CHECK(network_pixels(fitting, info).pixels == fitting.pixels);
}

}  // namespace
}  // namespace mneme::test
