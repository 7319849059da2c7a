#include "incremental/experiment/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>

#include "incremental/experiment/dry_run.h"

namespace mneme {
namespace {

constexpr int measured_steps = 6;
constexpr int64_t report_bytes = 2 << 20;

int64_t count(const Subset& subset) { return static_cast<int64_t>(subset.size()); }

int classes_after(const Scenario& s, int task) {
  return std::accumulate(s.classes_per_task.begin(), s.classes_per_task.begin() + task + 1, 0);
}

/// The sizes of the subsets that ReplayBuffer will compose.
class Stock {
 public:
  Stock(const ExperimentOptions& options, const Method& method, const Scenario& scenario)
      : memory_(options.memory), method_(method), s_(scenario) {}

  int64_t held_out(int task) const {
    return int64_t{held(task)} * classes_after(s_, task) + last_of_memory(task) +
           int64_t{last_of_new(task)} * classes(task);
  }
  /// The task's own images.
  int64_t new_images(int task) const {
    int64_t images = 0;
    for (int t = method_.train_on == TrainOn::all_so_far ? 0 : task; t <= task; ++t)
      images += (per_class(t, task) - (t == task ? last_of_new(task) : 0)) * classes(t);
    return images;
  }
  /// The exemplars that the task trains on.
  int64_t exemplars(int task) const { return stored(task) - last_of_memory(task); }
  /// The images of the task's classes that become exemplars.
  int64_t chosen(int task) const { return std::min<int64_t>(kept(task), per_class(task, task)) * classes(task); }
  /// The images of a balanced stage.
  int64_t balanced(int task, const Stage& stage) const {
    const int64_t old = stored(task);
    if (stage.balancing == Balancing::in_total) return 2 * old;
    if (stage.balancing == Balancing::per_class) return old + chosen(task);
    const int known = classes_after(s_, task - 1);
    return std::min(old / known, per_class(task, task)) * classes(task) + old / known * known;
  }

 private:
  /// The exemplars in the memory when the task begins, without those that HoldOut::for_the_task removes.
  int64_t stored(int task) const {
    if (task == 0 || memory_.kind == MemoryBudget::Kind::none) return 0;
    const bool lends = method_.hold_out == HoldOut::for_the_task;
    const int known = classes_after(s_, task - 1);
    int64_t total = 0;
    for (int t = 0; t < task; ++t)
      total += std::min<int64_t>(kept(task - 1), lends ? all_per_class(t) : per_class(t, t)) * classes(t);
    const int64_t elsewhere = int64_t{memory_.per_class(known) - kept(task - 1)} * known;
    if (memory_.fill) total = std::min(total, memory_.images - elsewhere);
    return total - (lends ? int64_t{held(task)} * known : 0);
  }
  int classes(int t) const { return s_.classes_per_task[static_cast<size_t>(t)]; }
  int held(int task) const {
    const bool none_yet = task == 0 && method_.hold_out == HoldOut::for_the_task;
    return none_yet ? 0 : held_out_per_class(method_, memory_, classes_after(s_, task));
  }
  int last_of_memory(int task) const { return held_out_of_memory(method_, static_cast<int>(stored(task))); }
  int last_of_new(int task) const {
    const int total = last_of_memory(task);
    return total == 0
               ? 0
               : static_cast<int>(std::min<int64_t>(std::max(1, total / classes(task)), all_per_class(task) - 1));
  }
  int kept(int task) const { return exemplars_per_class(method_, memory_, classes_after(s_, task)); }
  int64_t all_per_class(int t) const { return count(s_.train[static_cast<size_t>(t)]) / classes(t); }
  /// The images of a class of task t that are not held out in `task`.
  int64_t per_class(int t, int task) const { return all_per_class(t) - held(task); }

  const MemoryBudget& memory_;
  const Method& method_;
  const Scenario& s_;
};

int64_t images_of(const Stage& stage, const Stock& stock, int task, const ExperimentOptions& o) {
  switch (stage.images) {
    case StageImages::task: break;
    case StageImages::new_images: return stock.new_images(task);
    case StageImages::balanced: return stock.balanced(task, stage);
    case StageImages::held_out: return stock.held_out(task);
    case StageImages::auxiliary: return o.auxiliary ? o.auxiliary->train->size() : 0;
  }
  return epoch_size(stage.sampling, stock.exemplars(task), stock.new_images(task), stage.options.batch_size).images;
}

/// The cost of learning exemplars, in training images: per batch a step, the outer loss and two gradients, or all new
/// exemplars.
int64_t visits_of_learning(const ExemplarLearningOptions& learning, const Stock& stock, int task, int batch_size) {
  const int64_t judges = stock.new_images(task) + stock.exemplars(task),
                batches = (judges + batch_size - 1) / batch_size;
  return learning.epochs * (learning.as_released ? batches * stock.chosen(task) : 4 * judges);
}

int64_t visits_of(const ExperimentOptions& o, const Method& method, const Scenario& s, const Stock& stock, int task) {
  TaskContext context;
  context.task = task;
  context.task_sizes = {s.classes_per_task.begin(), s.classes_per_task.begin() + task + 1};
  context.has_exemplars = stock.exemplars(task) > 0;
  int64_t visits = 0;
  for (const Stage& stage : stages_of(method, o.train, context))
    visits += stage.options.epochs * images_of(stage, stock, task, o);
  if (method.exemplar_learning)
    visits += visits_of_learning(*method.exemplar_learning, stock, task, o.train.batch_size);
  return visits;
}

/// The seconds of a task: training in all stages, validation of every epoch, selection of exemplars, and test.
double seconds_of(const TaskPlan& t, double per_image, double per_test_image) {
  return per_image * static_cast<double>(t.visits) +
         per_test_image * static_cast<double>(t.validation * t.epochs + t.images + t.tests);
}

std::string duration(double seconds) {
  if (seconds < 90) return fmt::format("{:.0f} s", seconds);
  if (seconds < 5400) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

std::string bytes_text(size_t bytes) { return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6); }

/// The free bytes of the file system of `out`; nothing if they are unknown.
std::optional<size_t> free_bytes(std::filesystem::path out) {
  std::error_code error;
  out = std::filesystem::absolute(out, error);
  while (!std::filesystem::exists(out, error) && out.has_relative_path()) out = out.parent_path();
  const auto space = std::filesystem::space(out, error);
  return error ? std::nullopt : std::optional<size_t>(space.available);
}

void warn_of_memory(std::vector<std::string>& out, const ExperimentOptions& o, const Scenario& s) {
  const int classes = static_cast<int>(s.order.size()), first = s.classes_per_task[0];
  if (o.memory.kind == MemoryBudget::Kind::none) {
    const Method method = method_for(o);
    if (method.exemplars == ExemplarNeed::expected)
      out.push_back(o.method + " is meant to be run with exemplars: give --memory-per-class or --memory-total");
    if (method.train_on == TrainOn::current)
      out.push_back(
          "nothing of old classes is stored: choosing among all classes, such a run mostly answers with the newest "
          "ones; judge it task-aware, or give --memory-per-class");
    return;
  }
  if (o.memory.kind == MemoryBudget::Kind::total)
    out.push_back(
        fmt::format("the memory is fixed: {} images per class after the first task, {} after the last; papers that "
                    "say 'N per class' mean --memory-per-class",
                    o.memory.per_class(first), o.memory.per_class(classes)));
  else
    out.push_back(
        fmt::format("the memory grows: {} images after the first task, {} after the last; papers with a fixed "
                    "budget mean --memory-total",
                    o.memory.images * first, o.memory.images * classes));
}

void warn_of_training(std::vector<std::string>& out, const ExperimentOptions& o, const std::vector<TaskPlan>& tasks) {
  const TrainOptions& t = o.train;
  if (o.scenario.validation_fraction == 0)
    out.push_back("no validation images: what is chosen by looking at results is then chosen by the test images");
  else
    out.push_back(
        fmt::format("{} of {} images of the first task are kept for validation; papers that train on all images "
                    "need --validation 0",
                    tasks[0].validation, tasks[0].images + tasks[0].validation));
  const int fewest = std::min(for_task(t, 0).epochs, for_task(t, 1).epochs);
  if (t.schedule == ScheduleKind::steps && fewest < 2 * static_cast<int>(t.milestones.size() + 1))
    out.push_back(fmt::format("{} epochs are few for {} drops of the learning rate: milestones may fall together",
                              fewest, t.milestones.size()));
  for (size_t i = 0; i < tasks.size(); ++i)
    if (tasks[i].steps < 10) {
      out.push_back(
          fmt::format("task {} has {} steps an epoch; a smaller --batch-size would take more", i + 1, tasks[i].steps));
      break;
    }
}

}  // namespace

std::vector<TaskPlan> plan_tasks(const ExperimentOptions& o, const Scenario& s) {
  const Method method = method_for(o);
  const Stock stock(o, method, s);
  std::vector<TaskPlan> tasks;
  int64_t validation = 0, tests = 0;
  for (int t = 0; t < s.tasks_to_run; ++t) {
    const auto i = static_cast<size_t>(t);
    TaskPlan plan;
    validation = (method.train_on == TrainOn::all_so_far ? validation : 0) + count(s.validation[i]);
    tests += count(s.test[i]);
    plan.classes = s.classes_per_task[i];
    plan.exemplars = stock.exemplars(t);
    plan.images = stock.new_images(t) + plan.exemplars;
    plan.validation = validation;
    plan.tests = tests;
    plan.epochs = for_task(o.train, t).epochs;
    SamplingOptions sampling = method.sampling;
    sampling.drop_last = o.train.drop_last;
    const EpochSize epoch = epoch_size(sampling, plan.exemplars, stock.new_images(t), o.train.batch_size);
    plan.steps = static_cast<int>((epoch.images + epoch.per_batch - 1) / epoch.per_batch);
    plan.visits = visits_of(o, method, s, stock, t);
    tasks.push_back(plan);
  }
  return tasks;
}

std::vector<std::string> plan_warnings(const ExperimentOptions& o, const Scenario& s) {
  std::vector<std::string> out = o.remarks;
  warn_of_memory(out, o, s);
  warn_of_training(out, o, plan_tasks(o, s));
  return out;
}

Plan make_plan(const ExperimentOptions& o, const Dataset& data, const std::filesystem::path& out) {
  const Scenario s = make_scenario(data, o.scenario, o.seed);
  Plan plan;
  plan.tasks = plan_tasks(o, s);
  plan.network = o.network.name;
  plan.warnings = plan_warnings(o, s);
  const DryRun first = dry_run(o, data, 0, measured_steps);
  const DryRun later = s.tasks_to_run > 1 ? dry_run(o, data, 1, measured_steps) : first;
  // Every later task adds a head. Its size is estimated from the second task.
  const int64_t per_class = s.tasks_to_run > 1 ? (later.parameters - first.parameters) / s.classes_per_task[1] : 0;
  plan.parameters_first = plan.parameters_last = first.parameters;
  for (size_t t = 1; t < plan.tasks.size(); ++t) plan.parameters_last += per_class * plan.tasks[t].classes;
  plan.seconds_per_image_first = first.seconds_per_image;
  plan.seconds_per_image_later = later.seconds_per_image;
  for (size_t t = 0; t < plan.tasks.size(); ++t)
    plan.seconds += seconds_of(plan.tasks[t], (t == 0 ? first : later).seconds_per_image, later.seconds_per_test_image);
  plan.tensor_bytes = std::max(first.peak_bytes, later.peak_bytes);
  const auto model = static_cast<size_t>(plan.parameters_last) * sizeof(float);
  // A checkpoint contains at most weights, momentum, teacher and best model; for a moment there are three checkpoints.
  plan.disk_bytes = report_bytes + 3 * 4 * model + (o.save_models ? plan.tasks.size() * model : 0);
  if (const auto free = free_bytes(out); free && *free < plan.disk_bytes)
    plan.warnings.push_back(fmt::format("{} has room for {} only", out.string(), bytes_text(*free)));
  return plan;
}

std::string as_text(const Plan& plan) {
  std::string text =
      fmt::format("{:>5}{:>9}{:>12}{:>11}{:>8}{:>8}\n", "task", "classes", "images", "exemplars", "epochs", "steps");
  auto at = std::back_inserter(text);
  for (size_t t = 0; t < plan.tasks.size(); ++t) {
    const TaskPlan& p = plan.tasks[t];
    fmt::format_to(at, "{:>5}{:>9}{:>12}{:>11}{:>8}{:>8}\n", t + 1, p.classes, p.images, p.exemplars, p.epochs,
                   p.steps);
  }
  fmt::format_to(at, "images and steps are of one epoch, exemplars among the images\n\n");
  fmt::format_to(at, "network      {}\n", plan.network);
  fmt::format_to(at, "parameters   {} in the first task, {} in the last\n", plan.parameters_first,
                 plan.parameters_last);
  fmt::format_to(at, "memory       {} of tensors, image set included (measured)\n", bytes_text(plan.tensor_bytes));
  fmt::format_to(at, "disk         {}\n", bytes_text(plan.disk_bytes));
  fmt::format_to(at, "time         about {}: {:.0f} images/s in the first task, {:.0f} later (measured)\n",
                 duration(plan.seconds), 1 / plan.seconds_per_image_first, 1 / plan.seconds_per_image_later);
  for (const std::string& warning : plan.warnings) fmt::format_to(at, "note         {}\n", warning);
  return text;
}

}  // namespace mneme
