#include "incremental/experiment/dry_run.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "data/files/checksum.h"
#include "engine/base/parallel.h"
#include "engine/device.h"
#include "incremental/experiment/incremental_learner.h"
#include "incremental/experiment/reused_run.h"
#include "incremental/experiment/settings.h"
#include "incremental/protocol/evaluate.h"

namespace mneme {
namespace {

constexpr int verified_steps = 4, tested_images = 250, few_per_class = 4;

using Clock = std::chrono::steady_clock;

struct EnoughSteps {};  // is thrown to end the training of a dry run

std::string hash_of(Module& module) {
  Sha256 sum;
  for (const auto& [name, tensor] : named_state(module)) {
    const std::vector<float> numbers = tensor.floats();
    sum.add(name).add({reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float)});
  }
  return sum.hex();
}

/// About `count` images, taken at equal distances from the whole subset.
Subset some_of(const Subset& subset, int count) {
  Subset some;
  const size_t step = std::max<size_t>(1, subset.size() / static_cast<size_t>(count));
  for (size_t i = 0; i < subset.size(); i += step) some.append({{subset.images[i]}, {subset.labels[i]}});
  return some;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

/// The CPU computes with `count` threads while this object lives.
class Threads {
 public:
  explicit Threads(int count) : before_(threads()) { set_threads(count); }
  ~Threads() { set_threads(before_); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int before_;
};

/// Brings the learner to the beginning of `task` without training.
void skip_to(IncrementalLearner& learner, int task) {
  while (learner.task() < task) {
    learner.add_classes();
    const Subset train = learner.replay_buffer().training(learner.task());
    const Subset few = some_of(train, few_per_class * learner.networks().net().classes());
    learner.end_task(learner.context(learner.task(), train), few, few);
    learner.next_task();
  }
  learner.add_classes();
}

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Trains `steps` steps of the learner's current task.
void measure_training(IncrementalLearner& learner, int steps, DryRun& measured) {
  std::vector<double> per_image;
  Clock::time_point last = Clock::now();
  int64_t images_done = 0;
  TrainingCallbacks callbacks;
  callbacks.on_step = [&](const StepReport& step) { images_done = step.images_done; };
  callbacks.on_state = [&](const TrainState& state) {
    if (state.step > 0) per_image.push_back(seconds_since(last) * state.step / static_cast<double>(images_done));
    last = Clock::now();
    measured.losses.push_back(state.loss_sum);
    if (std::ssize(measured.losses) == steps) throw EnoughSteps();
  };
  try {
    learner.train(learner.replay_buffer().training(learner.task()), callbacks, {});
  } catch (const EnoughSteps&) {
  }
  measured.seconds_per_image = median(per_image);
}

/// Evaluates some test images twice and measures the second time, because the first one also makes the kernels ready.
double measure_evaluation(IncrementalLearner& learner) {
  std::vector<int> images(static_cast<size_t>(std::min(tested_images, learner.data().test.size())));
  std::iota(images.begin(), images.end(), 0);
  collect_outputs(learner.networks().net(), learner.images().test(), images, false);
  const Clock::time_point start = Clock::now();
  collect_outputs(learner.networks().net(), learner.images().test(), images, false);
  return seconds_since(start) / static_cast<double>(images.size());
}

}  // namespace

DryRun dry_run(const ExperimentOptions& options, const Dataset& data, int task, int steps) {
  ExperimentOptions quick = options;
  quick.selection = Selection::random;
  quick.train.warmup_epochs = 0;
  IncrementalLearner learner(quick, data);
  if (!quick.first_task_from.empty())  // throws the error that the run itself would throw
    (void)first_task_of_run(quick.first_task_from, learner, first_task_record(learner, data_settings(data)));
  DryRun measured;
  Arena& arena = backend(options.device).arena();
  arena.reset_peak();
  skip_to(learner, task);
  measure_training(learner, steps, measured);
  Learner trained = learner.learner();
  measured.weights = hash_of(trained);
  measured.parameters = parameter_count(learner.networks().net());
  measured.seconds_per_test_image = measure_evaluation(learner);
  measured.peak_bytes = arena.use().peak;
  return measured;
}

std::string verify_determinism(const ExperimentOptions& options, const Dataset& data) {
  const int tasks = std::min(2, make_scenario(data, options.scenario, options.seed).tasks_to_run);
  const bool cpu = options.device == Device::cpu;
  const int first = threads(), second = !cpu ? first : first == 1 ? 2 : 1;
  for (int task = 0; task < tasks; ++task) {
    const DryRun one = dry_run(options, data, task, verified_steps);
    const Threads other(second);
    const DryRun two = dry_run(options, data, task, verified_steps);
    MNEME_CHECK(
        one.losses == two.losses && one.weights == two.weights,
        "the same {} steps of task {} gave different numbers on {}{}", verified_steps, task + 1,
        backend(options.device).describe(),
        options.device == Device::cuda ? "; pass --deterministic for algorithms that add in a fixed order" : "");
  }
  return fmt::format("{} steps of {} task{} twice{}: losses and weights equal to the bit", verified_steps, tasks,
                     tasks == 1 ? "" : "s", cpu ? fmt::format(", with {} and with {} threads", first, second) : "");
}

}  // namespace mneme
