#include "tests/incremental/tiny_run.h"

#include <algorithm>
#include <cmath>

#include "tests/support/formula.h"

namespace mneme::test {
namespace {

constexpr int side = 8, image_size = 3 * side * side;

ResidentImages tiny_part(const std::string& part, int classes, int per_class) {
  ResidentImages images;
  images.info = {"tiny", 3, side, side, {}, {{0.5f, 0.5f, 0.5f}, {0.25f, 0.25f, 0.25f}}};
  for (int k = 0; k < classes; ++k) images.info.class_names.push_back("class " + std::to_string(k));
  for (int i = 0; i < classes * per_class; ++i) {
    const std::vector<double> picture = drawn_values("picture" + std::to_string(i % classes), image_size, Draw::any);
    const std::vector<double> noise = drawn_values(part + std::to_string(i), image_size, Draw::any);
    for (size_t p = 0; p < picture.size(); ++p)
      images.pixels.push_back(static_cast<uint8_t>(128 + 50 * picture[p] + 60 * noise[p]));
    images.labels.push_back(i % classes);
  }
  return images;
}

}  // namespace

ResidentDataset tiny_data(int classes, int train_per_class, int test_per_class) {
  return {tiny_part("train", classes, train_per_class), tiny_part("test", classes, test_per_class)};
}

ExperimentOptions tiny_options(const std::string& method) {
  ExperimentOptions o;
  o.method = method;
  o.scenario = {.tasks = 2, .base_classes = {}, .order = "identity", .validation_fraction = 0.25, .stop_after = 0};
  o.train.epochs = 1;
  o.train.batch_size = 6;
  o.train.learning_rate = 0.05;
  o.train.schedule = ScheduleKind::constant;
  o.train.augmentation = {.crop = Crop::pad_crop, .pad = 1, .flip = true};
  o.network.name = "resnet8";
  set_option(o.method_options, "--finetuning-epochs", 2);
  set_option(o.method_options, "--bias-epochs", 2);
  o.save_models = false;
  return o;
}

ExperimentOptions tiny_options_for(const std::string& name) {
  ExperimentOptions o = tiny_options(name);
  const Method method = make_method(name, {});
  if (method.exemplars != ExemplarNeed::forbidden) o.memory = {MemoryBudget::Kind::per_class, 2, false};
  if (method.needs_auxiliary) o.auxiliary = std::make_shared<OwnedDataset>(tiny_data(2, 6, 2));
  return o;
}

State state_of(Module& module) {
  State state;
  for (const auto& [name, tensor] : named_state(module)) state[name] = tensor.floats();
  return state;
}

std::vector<std::string> changed(const State& before, const State& after) {
  std::vector<std::string> names;
  for (const auto& [name, numbers] : after) {
    const auto found = before.find(name);
    if (found == before.end() || found->second != numbers) names.push_back(name);
  }
  for (const auto& [name, numbers] : before)
    if (!after.contains(name)) names.push_back(name);
  return names;
}

double distance(const State& a, const State& b) {
  double most = 0;
  for (const auto& [name, numbers] : a)
    for (size_t i = 0; i < numbers.size(); ++i)
      most = std::max(most, std::abs(double{numbers[i]} - double{b.at(name).at(i)}));
  return most;
}

Finished finish(const ExperimentOptions& options, const ResidentDataset& data) {
  const ScratchFolder scratch;
  Experiment experiment(options, data);
  RunFolder folder(scratch / "run");
  Finished out;
  ExperimentCallbacks callbacks;
  callbacks.training.on_step = [&](const StepReport& step) { out.step_losses.push_back(step.loss); };
  callbacks.training.on_epoch = [&](const EpochReport& epoch) {
    out.graph_launches = epoch.graph_launches;
    out.capture_obstacle = epoch.capture_obstacle;
  };
  callbacks.on_task_end = [&](int, const EvaluationResult&, const RunResult&) {
    out.states.push_back(state_of(experiment.net()));
  };
  out.result = experiment.run(folder, callbacks);
  return out;
}

bool run_until(const ExperimentOptions& options, const Dataset& data, const std::filesystem::path& path, int stop_after,
               const std::function<void(const std::string&)>& say) {
  RunFolder folder(path, Existing::resume);
  Experiment experiment(options, data);
  experiment.resume(folder, say);
  ExperimentCallbacks callbacks;
  callbacks.stop_requested = [&] { return stop_after-- == 0; };
  try {
    experiment.run(folder, callbacks);
  } catch (const Interrupted&) {
    return false;
  }
  return true;
}

std::string refusal(const ExperimentOptions& options, const ResidentDataset& data) {
  try {
    const Experiment experiment(options, data);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TaskContext context_of(const Scenario& scenario, int task, const Subset& subset, bool has_exemplars,
                       TensorOptions tensor_options) {
  TaskContext context;
  context.task = task;
  context.task_sizes = {scenario.classes_per_task.begin(), scenario.classes_per_task.begin() + task + 1};
  context.class_counts.assign(static_cast<size_t>(context.classes()), 0);
  for (const int label : subset.labels) ++context.class_counts[static_cast<size_t>(label)];
  context.has_exemplars = has_exemplars;
  context.tensor_options = tensor_options;
  return context;
}

}  // namespace mneme::test
