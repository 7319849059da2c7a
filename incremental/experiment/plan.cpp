#include "incremental/experiment/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>
#include <set>

#include "engine/base/counted.h"
#include "engine/base/error.h"
#include "incremental/experiment/dry_run.h"
#include "incremental/training/replay_buffer.h"
#include "layers/network.h"

namespace mneme {
namespace {

constexpr int measured_steps = 6;
constexpr int64_t report_bytes = 2 << 20;

/// Products and sums of counts. They stop at the largest number instead of overflowing, so that a plan with too many
/// epochs does not show a negative number.
int64_t product(int64_t a, int64_t b) {
  int64_t out = 0;
  return __builtin_mul_overflow(a, b, &out) ? std::numeric_limits<int64_t>::max() : out;
}
int64_t sum(int64_t a, int64_t b) {
  int64_t out = 0;
  return __builtin_add_overflow(a, b, &out) ? std::numeric_limits<int64_t>::max() : out;
}

int64_t count(const Subset& subset) { return static_cast<int64_t>(subset.size()); }

/// The replay buffer that a run would have. It selects without a network: what is counted here does not depend on which
/// images are selected. (Only herding with repicks may select fewer.)
ReplayBuffer counting_buffer(const ExperimentOptions& o, const Method& method, const Scenario& s) {
  return {s, method, {o.memory, Selection::first, o.gas, o.reselect_old, o.seed}};
}

/// Counts the images of one task, whose images `buffer` composes.
class TaskCounter {
 public:
  TaskCounter(const ExperimentOptions& o, const Method& method, const Scenario& s, const ReplayBuffer& buffer, int task)
      : o_(o), method_(method), buffer_(buffer), train_(buffer.training(task)), new_images_(buffer.new_images(task)) {
    context_.task = task;
    context_.task_sizes = {s.classes_per_task.begin(), s.classes_per_task.begin() + task + 1};
    context_.has_exemplars = !buffer.empty();
    context_.class_counts.assign(static_cast<size_t>(context_.classes()), 0);
    for (const int label : train_.labels) ++context_.class_counts[static_cast<size_t>(label)];
  }

  TaskPlan plan() const {
    TaskPlan plan;
    plan.classes = context_.new_classes();
    plan.images = count(train_);
    plan.exemplars = plan.images - count(new_images_);
    plan.epochs = for_task(o_.train, context_.task).epochs;
    SamplingOptions sampling = method_.sampling;
    sampling.drop_last = o_.train.drop_last;
    const EpochSize epoch = size_of(sampling, train_, o_.train.batch_size);
    plan.steps = static_cast<int>((epoch.images + epoch.per_batch - 1) / epoch.per_batch);
    if (context_.task < o_.grid.tasks)
      note_lone_image("grid search", size_of({.drop_last = o_.train.drop_last}, new_images_, o_.train.batch_size),
                      plan);
    for (const Stage& stage : stages_of(method_, o_.train, context_)) add(stage, plan);
    if (method_.exemplar_learning) plan.visits = sum(plan.visits, visits_of_learning(*method_.exemplar_learning));
    return plan;
  }

 private:
  EpochSize size_of(const SamplingOptions& sampling, const Subset& subset, int batch_size) const {
    const int64_t old = count(of_classes(subset, 0, context_.old_classes()));
    return epoch_size(sampling, old, count(subset) - old, batch_size);
  }
  EpochSize size_of(const Stage& stage) const {
    const int batch_size = stage.options.batch_size;
    switch (stage.images) {
      case StageImages::task: break;
      case StageImages::new_images:
        return size_of(stage.sampling, of_classes(train_, context_.old_classes(), context_.classes()), batch_size);
      case StageImages::held_out: return size_of(stage.sampling, buffer_.held_out(context_.task), batch_size);
      case StageImages::auxiliary:
        return epoch_size(stage.sampling, 0, o_.auxiliary ? o_.auxiliary->train->size() : 0, batch_size);
      case StageImages::balanced: {
        Stage without_network = stage;
        without_network.chosen_by = Selection::first;
        return size_of(stage.sampling, buffer_.balanced(context_.task, without_network), batch_size);
      }
    }
    return size_of(stage.sampling, train_, batch_size);
  }
  void add(const Stage& stage, TaskPlan& plan) const {
    const EpochSize epoch = size_of(stage);
    plan.visits = sum(plan.visits, product(stage.options.epochs, epoch.images));
    if (epoch.images == 0 && plan.empty_stage.empty()) plan.empty_stage = stage.name;
    if (stage.batch_statistics && stage.options.epochs > 0) note_lone_image(stage.name, epoch, plan);
    if (stage.objective.meta_learned(context_).term) plan.unseen_ahead = unseen_ahead();
  }
  /// The number of classes without a held-out image. The meta-gradient of a learned number reads the held-out images
  /// (Note [Meta-gradient]).
  int unseen_ahead() const {
    const std::vector<int> labels = buffer_.held_out(context_.task).labels;
    return context_.classes() - static_cast<int>(std::set<int>(labels.begin(), labels.end()).size());
  }
  /// Notes the first stage with a step on one image alone.
  static void note_lone_image(const std::string& stage, const EpochSize& epoch, TaskPlan& plan) {
    const bool lone = epoch.images > 0 && (epoch.per_batch == 1 || epoch.images % epoch.per_batch == 1);
    if (!lone || !plan.lone_stage.empty()) return;
    plan.lone_stage = stage;
    plan.lone_step = static_cast<int>((epoch.images + epoch.per_batch - 1) / epoch.per_batch);
    plan.lone_can_be_dropped = epoch.per_batch > 1 && epoch.images > epoch.per_batch;
  }
  /// The cost of learning exemplars, in training images: per batch a step, the outer loss and two gradients, or all new
  /// exemplars.
  int64_t visits_of_learning(const ExemplarLearningOptions& learning) const {
    const int64_t judges = count(train_), batches = (judges + o_.train.batch_size - 1) / o_.train.batch_size;
    return product(learning.epochs, learning.as_released ? product(batches, chosen()) : 4 * judges);
  }
  /// The images of the task's classes that become exemplars.
  int64_t chosen() const {
    ReplayBuffer after = buffer_;
    after.update(context_.task);
    return count(of_classes(after.exemplars(), context_.old_classes(), context_.classes()));
  }

  const ExperimentOptions& o_;
  const Method& method_;
  const ReplayBuffer& buffer_;
  Subset train_, new_images_;
  TaskContext context_;
};

/// The seconds of a task: training in all stages, validation of every epoch, selection of exemplars, and test.
double seconds_of(const TaskPlan& t, double per_image, double per_test_image) {
  return per_image * static_cast<double>(t.visits) +
         per_test_image * (static_cast<double>(t.validation) * t.epochs + static_cast<double>(t.images + t.tests));
}

/// The classes of the tasks up to this one.
int classes_until(const Scenario& s, size_t task) {
  return std::accumulate(s.classes_per_task.begin(), s.classes_per_task.begin() + static_cast<std::ptrdiff_t>(task) + 1,
                         0);
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
                    int64_t{o.memory.images} * first, int64_t{o.memory.images} * classes));
}

/// Warns if drops of the learning rate coincide or lie behind the last epoch.
void warn_of_schedule(std::vector<std::string>& out, const TrainOptions& t) {
  if (t.schedule != ScheduleKind::steps) return;
  for (const int task : {0, 1}) {
    const TrainOptions own = for_task(t, task);
    const size_t drops = drops_of(own).size(),
                 wanted = std::ranges::count_if(t.milestones, [](double m) { return m < 1; });
    if (drops >= wanted) continue;
    out.push_back(fmt::format("{} {} few for the {} of the learning rate that --milestones asks for: {}",
                              counted(own.epochs, "epoch"), own.epochs == 1 ? "is" : "are", counted(wanted, "drop"),
                              drops == 0
                                  ? "it stays as it is"
                                  : fmt::format("it drops {}", drops == 1 ? "once" : fmt::format("{} times", drops))));
    return;
  }
}

void warn_of_looking_ahead(std::vector<std::string>& out, const Scenario& s, const std::vector<TaskPlan>& tasks) {
  for (size_t t = 0; t < tasks.size(); ++t)
    if (tasks[t].unseen_ahead > 0) {
      out.push_back(fmt::format(
          "alpha is learned on held-out images of every class, and in task {} {} of {} classes have none to "
          "spare; keep two exemplars of every class at least",
          t + 1, tasks[t].unseen_ahead, classes_until(s, t)));
      break;
    }
}

void warn_of_training(std::vector<std::string>& out, const ExperimentOptions& o, const std::vector<TaskPlan>& tasks) {
  const TrainOptions& t = o.train;
  if (o.scenario.validation_fraction == 0)
    out.push_back("no validation images: what is chosen by looking at results is then chosen by the test images");
  else
    out.push_back(fmt::format(
        "{:.3g} % of the training images, {} of {} in the first task, are held out for validation; papers that "
        "train on all images need --validation 0",
        100 * o.scenario.validation_fraction, tasks[0].validation, tasks[0].images + tasks[0].validation));
  warn_of_schedule(out, t);
  for (size_t i = 0; i < tasks.size(); ++i)
    if (tasks[i].steps < 10) {
      out.push_back(fmt::format("task {} has {} an epoch; a smaller --batch-size would take more", i + 1,
                                counted(tasks[i].steps, "step")));
      break;
    }
}

}  // namespace

std::vector<TaskPlan> plan_tasks(const ExperimentOptions& o, const Scenario& s) {
  const Method method = method_for(o);
  ReplayBuffer buffer = counting_buffer(o, method, s);
  std::vector<TaskPlan> tasks;
  int64_t validation = 0, tests = 0;
  for (int t = 0; t < s.tasks_to_run; ++t) {
    validation =
        (method.train_on == TrainOn::all_so_far ? validation : 0) + count(s.validation[static_cast<size_t>(t)]);
    tests += count(s.test[static_cast<size_t>(t)]);
    TaskPlan plan = TaskCounter(o, method, s, buffer, t).plan();
    plan.validation = validation;
    plan.tests = tests;
    tasks.push_back(plan);
    buffer.update(t);
  }
  return tasks;
}

void check_tasks(const ExperimentOptions& o, const Scenario& s, const ImageSetInfo& images) {
  const bool needs_two = pixels_of_last_map(o.network.name, images.height, images.width) == 1;
  const std::vector<TaskPlan> tasks = plan_tasks(o, s);
  for (size_t t = o.first_task_from.empty() ? 0 : 1; t < tasks.size(); ++t) {
    const TaskPlan& plan = tasks[t];
    if (!plan.empty_stage.empty())
      fail_usage(
          "task {}, stage '{}': there are no images for it; give the classes more images, or keep fewer out of "
          "training "
          "(--validation, --validation-exemplars)",
          t + 1, plan.empty_stage);
    if (plan.unseen_ahead > 0 && plan.unseen_ahead == classes_until(s, t))
      fail_usage(
          "task {}: alpha is learned on held-out images, and there are none; give --validation-exemplars more than 0, "
          "and keep two exemplars of every class at least (--memory-per-class)",
          t + 1);
    if (needs_two && !plan.lone_stage.empty())
      fail_usage(
          "task {}, stage '{}': step {} of an epoch has one image, and batch norm cannot take one image alone where {} "
          "makes maps of 1x1 of {}x{} pixels; give {}",
          t + 1, plan.lone_stage, plan.lone_step, o.network.name, images.height, images.width,
          plan.lone_can_be_dropped  ? "--drop-last, or another --batch-size"
          : o.train.batch_size == 1 ? "a larger --batch-size"
                                    : "a network for smaller images, or more images");
  }
}

std::vector<std::string> plan_warnings(const ExperimentOptions& o, const Scenario& s) {
  std::vector<std::string> out = o.remarks;
  warn_of_memory(out, o, s);
  const std::vector<TaskPlan> tasks = plan_tasks(o, s);
  warn_of_training(out, o, tasks);
  warn_of_looking_ahead(out, s, tasks);
  return out;
}

Plan make_plan(const ExperimentOptions& o, const Dataset& data, const std::filesystem::path& out) {
  check_ranges(o);
  check_compatible(o, method_for(o));
  const Scenario s = make_scenario(data, o.scenario, o.seed);
  check_tasks(o, s, data.train.info);
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
