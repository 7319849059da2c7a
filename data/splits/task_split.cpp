#include "data/splits/task_split.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "data/splits/class_order.h"
#include "engine/base/error.h"
#include "engine/base/mersenne.h"

namespace mneme {

namespace {

void deal(int classes, std::span<int> tasks) {
  const int count = static_cast<int>(tasks.size());
  for (int t = 0; t < count; ++t) tasks[static_cast<size_t>(t)] = classes / count + (t < classes % count);
}

// Sets aside one class's share: the positions drawn, from last to first.
void hold_out(const std::vector<int>& images, double fraction, PythonRandom& random, std::vector<int>& validation,
              std::vector<bool>& held) {
  // nearbyint rounds halves to even, as numpy.round does
  const int count = static_cast<int>(std::nearbyint(static_cast<double>(images.size()) * fraction));
  std::vector<int> drawn = random.sample(static_cast<int>(images.size()), count);
  std::sort(drawn.rbegin(), drawn.rend());
  for (int position : drawn) {
    validation.push_back(images[static_cast<size_t>(position)]);
    held[static_cast<size_t>(validation.back())] = true;
  }
}

int class_count(std::span<const int> labels, std::span<const int> order) {
  int most = -1;
  for (std::span<const int> list : {labels, order})
    for (int c : list) most = std::max(most, c);
  return most + 1;
}

// task_of[class], or -1 for a class no task learns.
std::vector<int> task_of_class(std::span<const int> order, std::span<const int> classes_per_task, int classes) {
  assert(std::accumulate(classes_per_task.begin(), classes_per_task.end(), size_t{0}) <= order.size());
  std::vector<int> task_of(static_cast<size_t>(classes), -1);
  size_t k = 0;
  for (size_t t = 0; t < classes_per_task.size(); ++t)
    for (int c = 0; c < classes_per_task[t]; ++c) task_of[static_cast<size_t>(order[k++])] = static_cast<int>(t);
  return task_of;
}

}  // namespace

std::vector<int> split_classes(int classes, int tasks, std::optional<int> base_classes) {
  if (tasks < 1) fail_usage("--tasks {}: expected at least 1", tasks);
  if (tasks > classes)
    fail_usage("--tasks {}: there are only {} classes; ask for at most {} tasks", tasks, classes, classes);
  std::vector<int> split(static_cast<size_t>(tasks));
  if (!base_classes) {
    deal(classes, split);
    return split;
  }
  if (tasks == 1)
    fail_usage("--base-classes {} with one task: expected --tasks 2 or more, or no --base-classes", *base_classes);
  const int others = tasks - 1, most = classes - others;
  if (*base_classes < 1 || *base_classes > most)
    fail_usage(
        "--base-classes {} with --tasks {}: {} of {} classes would be left for {} more tasks; expected 1 to {} base "
        "classes",
        *base_classes, tasks, std::max(0, classes - *base_classes), classes, others, most);
  split[0] = *base_classes;
  deal(classes - *base_classes, std::span(split).subspan(1));
  return split;
}

std::vector<TaskImages> split_validation(std::span<const int> labels, std::span<const int> order,
                                         std::span<const int> classes_per_task, double fraction, uint64_t seed) {
  if (!(fraction >= 0 && fraction < 1))
    fail_usage("validation fraction {}: expected 0 <= fraction < 1, such as 0.1", fraction);
  std::vector<std::vector<int>> of_class(static_cast<size_t>(class_count(labels, order)));
  for (size_t i = 0; i < labels.size(); ++i) of_class[static_cast<size_t>(labels[i])].push_back(static_cast<int>(i));

  PythonRandom random(seed);
  std::vector<bool> held(labels.size());
  std::vector<TaskImages> tasks(classes_per_task.size());
  size_t k = 0;
  for (size_t t = 0; t < tasks.size(); ++t)
    for (int c = 0; c < classes_per_task[t]; ++c, ++k) {
      const std::vector<int>& images = of_class[static_cast<size_t>(order[k])];
      const size_t before = tasks[t].validation.size();
      hold_out(images, fraction, random, tasks[t].validation, held);
      MNEME_CHECK(images.size() > tasks[t].validation.size() - before,
                  "class {} has {} training images, of which none would be left beside a validation fraction of {}; "
                  "lower the fraction "
                  "or give the class more images",
                  order[k], images.size(), fraction);
    }
  const std::vector<std::vector<int>> all = images_by_task(labels, order, classes_per_task);
  for (size_t t = 0; t < tasks.size(); ++t)
    std::copy_if(all[t].begin(), all[t].end(), std::back_inserter(tasks[t].train),
                 [&](int i) { return !held[static_cast<size_t>(i)]; });
  return tasks;
}

std::vector<std::vector<int>> images_by_task(std::span<const int> labels, std::span<const int> order,
                                             std::span<const int> classes_per_task) {
  const std::vector<int> task_of = task_of_class(order, classes_per_task, class_count(labels, order));
  std::vector<std::vector<int>> tasks(classes_per_task.size());
  for (size_t i = 0; i < labels.size(); ++i)
    if (const int t = task_of[static_cast<size_t>(labels[i])]; t >= 0)
      tasks[static_cast<size_t>(t)].push_back(static_cast<int>(i));
  return tasks;
}

std::vector<int> classes_without_images(std::span<const int> labels, int classes) {
  std::vector<bool> has_images(static_cast<size_t>(classes));
  for (const int label : labels) has_images.at(static_cast<size_t>(label)) = true;
  std::vector<int> without;
  for (int c = 0; c < classes; ++c)
    if (!has_images[static_cast<size_t>(c)]) without.push_back(c);
  return without;
}

void check_test_images(std::span<const int> labels, std::span<const int> order, std::span<const int> classes_per_task,
                       std::span<const std::string> class_names, int tasks) {
  constexpr size_t shown = 5;
  const auto images = images_by_task(labels, order, classes_per_task);
  size_t first = 0;
  for (size_t t = 0; t < static_cast<size_t>(tasks); first += static_cast<size_t>(classes_per_task[t++])) {
    if (!images[t].empty()) continue;
    const auto classes = order.subspan(first, static_cast<size_t>(classes_per_task[t]));
    std::vector<std::string> names;
    for (const int c : classes.first(std::min(shown, classes.size())))
      names.push_back(class_names[static_cast<size_t>(c)]);
    fail(
        "task {} has no test images: the data set's test part lacks its classes ({}{}); add test images of them, or "
        "leave "
        "the classes out with --order or --subset",
        t + 1, fmt::join(names, ", "), classes.size() > shown ? ", ..." : "");
  }
}

}  // namespace mneme
