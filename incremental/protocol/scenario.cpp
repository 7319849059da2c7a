#include "incremental/protocol/scenario.h"

#include "data/splits/class_order.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

Subset subset_of(const std::vector<int>& images, const std::vector<int>& set_labels,
                 const std::vector<int>& learning_label) {
  Subset subset{images, {}};
  for (int image : images)
    subset.labels.push_back(learning_label[static_cast<size_t>(set_labels[static_cast<size_t>(image)])]);
  return subset;
}

}  // namespace

void Subset::append(const Subset& other) {
  images.insert(images.end(), other.images.begin(), other.images.end());
  labels.insert(labels.end(), other.labels.begin(), other.labels.end());
}

Subset of_classes(const Subset& subset, int begin, int end) {
  Subset out;
  for (size_t i = 0; i < subset.size(); ++i)
    if (subset.labels[i] >= begin && subset.labels[i] < end) out.append({{subset.images[i]}, {subset.labels[i]}});
  return out;
}

Tensor labels_of(const Subset& subset, Device device) {
  return Tensor::from(subset.labels, {static_cast<int64_t>(subset.size())}, device);
}

Scenario make_scenario(const Dataset& data, const ScenarioOptions& options, uint64_t seed) {
  const int classes = data.train.info.classes();
  Scenario s;
  s.order = class_order(options.order, classes, seed);
  s.classes_per_task = split_classes(static_cast<int>(s.order.size()), options.tasks, options.base_classes);
  const std::vector<int> learning_label = labels_by_class(s.order, classes);
  const auto split =
      split_validation(data.train.labels, s.order, s.classes_per_task, options.validation_fraction, seed);
  for (const TaskImages& task : split) {
    s.train.push_back(subset_of(task.train, data.train.labels, learning_label));
    s.validation.push_back(subset_of(task.validation, data.train.labels, learning_label));
  }
  for (const auto& images : images_by_task(data.test.labels, s.order, s.classes_per_task))
    s.test.push_back(subset_of(images, data.test.labels, learning_label));
  for (int original : s.order) s.class_names.push_back(data.train.info.class_names[static_cast<size_t>(original)]);
  if (options.stop_after < 0 || options.stop_after > s.tasks())
    fail_usage("--stop-after {} is not between 1 and the {} tasks (0 runs them all)", options.stop_after, s.tasks());
  s.tasks_to_run = options.stop_after ? options.stop_after : s.tasks();
  check_test_images(data.test.labels, s.order, s.classes_per_task, data.train.info.class_names, s.tasks_to_run);
  return s;
}

}  // namespace mneme
