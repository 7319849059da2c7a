#include "incremental/experiment/dry_run.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "data/files/checksum.h"
#include "engine/base/parallel.h"
#include "engine/device.h"

namespace mneme {
namespace {

constexpr int verified_steps = 4, tested_images = 250, few_per_class = 4;

using Clock = std::chrono::steady_clock;

struct Enough {};  // ends a dry run

std::string hash_of(Module& module) {
  Sha256 sum;
  for (const auto& [name, tensor] : named_state(module)) {
    const std::vector<float> numbers = tensor.floats();
    sum.add(name).add({reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float)});
  }
  return sum.hex();
}

/// About `count` images, evenly spaced over the subset.
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

/// Sets the number of CPU threads during its lifetime.
class Threads {
 public:
  explicit Threads(int count) : before_(threads()) { set_threads(count); }
  ~Threads() { set_threads(before_); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int before_;
};

}  // namespace

/// Prepares networks, memory and the method's state as they are at the start of `task`, but untrained.
void Experiment::pretend_learned_until(int task) {
  for (task_ = 0; task_ < task; ++task_) {
    add_classes();
    const Subset subset = replay_buffer_.training(task_), few = some_of(subset, few_per_class * net_->classes());
    end_task(context_of(task_, subset), few, few);
  }
  add_classes();
}

DryRun Experiment::dry_run(int task, int steps) {
  DryRun r;
  Arena& arena = backend(options_.device).arena();
  arena.reset_peak();
  pretend_learned_until(task);
  const Subset subset = replay_buffer_.training(task);
  std::vector<double> per_image;
  Clock::time_point before = Clock::now();
  int64_t shown = 0;
  TrainingCallbacks callbacks;
  callbacks.on_step = [&](const StepReport& step) { shown = step.images_done; };
  callbacks.on_state = [&](const TrainState& state) {
    const Clock::time_point now = Clock::now();
    if (state.step > 0)
      per_image.push_back(std::chrono::duration<double>(now - before).count() * state.step /
                          static_cast<double>(shown));
    before = now;
    r.losses.push_back(state.loss_sum);
    if (std::ssize(r.losses) == steps) throw Enough();
  };
  Trainer trainer(*net_, method_, options_.train, *train_images_, options_.seed, callbacks);
  try {
    trainer.learn(context_of(task, subset), task_data(subset), teacher_.get());
  } catch (const Enough&) {
  }
  Learner learner(*net_, method_);
  r.weights = hash_of(learner);
  r.parameters = parameter_count(*net_);
  r.seconds_per_image = median(per_image);
  std::vector<int> images(static_cast<size_t>(std::min(tested_images, data_.test.size())));
  std::iota(images.begin(), images.end(), 0);
  collect_outputs(*net_, *test_images_, images, false);
  before = Clock::now();
  collect_outputs(*net_, *test_images_, images, false);
  r.seconds_per_test_image =
      std::chrono::duration<double>(Clock::now() - before).count() / static_cast<double>(images.size());
  r.peak_bytes = arena.use().peak;
  return r;
}

DryRun dry_run(const ExperimentOptions& options, const Dataset& data, int task, int steps) {
  ExperimentOptions quick = options;
  quick.selection = Selection::random;
  quick.train.warmup_epochs = 0;
  return Experiment(quick, data).dry_run(task, steps);
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
