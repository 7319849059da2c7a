#include "incremental/models/model_evaluation.h"

#include <doctest/doctest.h>

#include <cmath>

#include "incremental/models/evaluation_files.h"
#include "tests/incremental/tiny_run.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

struct Trained {
  ScratchFolder scratch{memory_or_disk()};
  RunResult result;

  explicit Trained(ExperimentOptions options, const ResidentDataset& data = tiny_data()) {
    options.save_models = true;
    Experiment experiment(options, data);
    RunFolder folder(scratch / "run");
    result = experiment.run(folder, {});
  }
  ModelEvaluation evaluate(int after, const std::string& rule = "", bool keep_outputs = false,
                           const ResidentDataset& data = tiny_data()) const {
    const ModelContent content = read_model(model_path_of(scratch / "run", after));
    TrainedModel model = build_model(content, "m", Device::cpu, rule);
    const auto source = data.test.source(Device::cpu, DType::f32);
    return evaluate_model(model, *source, subsets_for(content.info, data.test), keep_outputs);
  }
};

TEST_CASE("every method's saved models find the run's accuracies again, to the last bit, by the method's rule") {
  for (const MethodInfo& method : all_methods()) {
    CAPTURE(method.name);
    ExperimentOptions options = tiny_options_for(method.name);
    options.scenario.order = "2,0,3,1";
    const Trained run(options);
    for (int task = 0; task < 2; ++task) {
      const ModelEvaluation found = run.evaluate(task + 1);
      const auto at = static_cast<size_t>(task);
      CHECK(found.accuracies.task_aware == run.result.task_aware.rows()[at]);
      CHECK(found.accuracies.task_agnostic == run.result.task_agnostic.rows()[at]);
      CHECK(found.accuracies.top5 == run.result.top5.rows()[at]);
    }
    const ModelEvaluation last = run.evaluate(0);
    CHECK(last.accuracies.confusion.counts() == run.result.confusion.counts());
    for (size_t c = 0; c < last.accuracies.mean_logits.size(); ++c)
      CHECK(last.accuracies.mean_logits[c] == run.result.last_layer.back()[c].mean_logit);
  }
}

TEST_CASE("another rule gives what a run with that rule gives") {
  ExperimentOptions options = tiny_options_for("il-baseline");
  const Trained run(options);
  for (const char* rule : {"multi-softmax", "nearest-mean"}) {
    CAPTURE(rule);
    ExperimentOptions other = options;
    other.predict_by = rule;
    const Trained theirs(other);
    CHECK(run.evaluate(0, rule).accuracies.task_agnostic == theirs.result.task_agnostic.rows().back());
    CHECK(run.evaluate(0, rule).accuracies.task_aware == theirs.result.task_aware.rows().back());
    CHECK(theirs.evaluate(0, "logits").accuracies.task_agnostic == run.result.task_agnostic.rows().back());
  }
}

TEST_CASE("groups, classes and bins count every image once, and agree with the confusion matrix") {
  const Trained run(tiny_options_for("lwf"));
  const ModelEvaluation e = run.evaluate(0, "", true);
  int64_t images = 0, right = 0;
  double error = 0;
  for (const CalibrationBin& bin : e.calibration) {
    images += bin.images;
    right += bin.right;
    CHECK(bin.confidence <= bin.high * static_cast<double>(bin.images) + 1e-12);
    CHECK(bin.confidence >= bin.low * static_cast<double>(bin.images) - 1e-12);
    if (bin.images)
      error += static_cast<double>(bin.images) / 12 * std::abs(static_cast<double>(bin.right) - bin.confidence) /
               static_cast<double>(bin.images);
  }
  CHECK(images == 12);
  CHECK(right == e.of_classes(0, 4).task_agnostic);
  CHECK(e.expected_calibration_error() == doctest::Approx(error));
  for (int c = 0; c < 4; ++c) {
    CHECK(e.classes[static_cast<size_t>(c)].images == 3);
    CHECK(e.classes[static_cast<size_t>(c)].task_agnostic == e.accuracies.confusion.count(c, c));
  }
  CHECK(e.outputs.features.size() == 12 * 64);
  CHECK(e.outputs.logits.size() == 12 * 4);
  CHECK(e.outputs.labels == std::vector<int>{0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3});
  CHECK(e.outputs.images == std::vector<int>{0, 1, 4, 5, 8, 9, 2, 3, 6, 7, 10, 11});
}

TEST_CASE("the calibration error of four predictions by hand") {
  ModelEvaluation e;
  // confidences 0.95 right, 0.93 wrong in one bin; 0.55 right, 0.5 wrong in two others
  e.calibration = {{0.4, 0.5, 1, 0, 0.5}, {0.5, 0.6, 1, 1, 0.55}, {0.9, 1.0, 2, 1, 1.88}};
  CHECK(e.expected_calibration_error() == doctest::Approx((0.5 + 0.45 + 0.88) / 4));
  CHECK(calibration_csv(e) ==
        "confidence_above,confidence_up_to,images,accuracy,mean_confidence\n0.4,0.5,1,0,0.5\n0.5,0.6,1,1,0.55\n"
        "0.9,1,2,0.5,0.94\n");
}

TEST_CASE("tables carry the names and the data set's labels beside the places in the order") {
  ExperimentOptions options = tiny_options_for("lwf");
  options.scenario.order = "2,0,3,1";
  const Trained run(options);
  const ModelInfo info = read_model(model_path_of(run.scratch / "run", 0)).info;
  const ModelEvaluation e = run.evaluate(0);
  CHECK(classes_csv(e, info).find("\n1,class 0,0,1,3,") != std::string::npos);
  CHECK(confusion_csv(e, info).starts_with(
      "true_class,true_name,original_label,predicted_0,predicted_1,predicted_2,predicted_3\n0,class 2,2,"));
  const nlohmann::json all = as_json(e, info);
  CHECK(all["accuracy_task_agnostic"] == nlohmann::json(run.result.task_agnostic.rows().back()));
  CHECK(all["groups"]["old classes (of 1 tasks)"]["images"] == 6);
  CHECK(reliability_svg(e).starts_with("<svg"));
  CHECK(as_text(e, info).find("task 2                             6") != std::string::npos);
}

TEST_CASE("classes are found by name in another data set, and refused where they are not in it") {
  const Trained run(tiny_options_for("lwf"));
  const ModelInfo info = read_model(model_path_of(run.scratch / "run", 0)).info;
  ResidentDataset data = tiny_data();
  data.test.info.class_names = {"class 3", "class 2", "class 1", "class 0"};
  const std::vector<Subset> subsets = subsets_for(info, data.test);
  CHECK(subsets[0].images == std::vector<int>{2, 3, 6, 7, 10, 11});
  CHECK(subsets[0].labels == std::vector<int>{1, 0, 1, 0, 1, 0});
  data.test.info.class_names = {"cat", "class 2", "class 1", "dog"};
  check_says(message_of([&] { subsets_for(info, data.test); }),
             "the classes do not match: 2 of the model's 4 are not in tiny, which has 4 (class 0, class 3)");
  data = tiny_data();
  data.test.info.height = 16;
  check_says(message_of([&] { subsets_for(info, data.test); }), "takes images of 3 x 8 x 8 numbers");
  data = tiny_data();
  data.test.info.normalisation.std = {1, 1, 1};
  check_says(message_of([&] { subsets_for(info, data.test); }), "use the program that trained it");
}

}  // namespace
}  // namespace mneme::test
