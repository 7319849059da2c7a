#include "incremental/protocol/scenario.h"

#include "data/splits/class_order.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

Pool pool_of(const std::vector<int>& images, const std::vector<int>& set_labels,
             const std::vector<int>& learning_label) {
  Pool pool{images, {}};
  for (int image : images)
    pool.labels.push_back(learning_label[static_cast<size_t>(set_labels[static_cast<size_t>(image)])]);
  return pool;
}

}  // namespace

void Pool::append(const Pool& other) {
  images.insert(images.end(), other.images.begin(), other.images.end());
  labels.insert(labels.end(), other.labels.begin(), other.labels.end());
}

Pool of_classes(const Pool& pool, int begin, int end) {
  Pool out;
  for (size_t i = 0; i < pool.size(); ++i)
    if (pool.labels[i] >= begin && pool.labels[i] < end) out.append({{pool.images[i]}, {pool.labels[i]}});
  return out;
}

Tensor labels_of(const Pool& pool, Device device) {
  return Tensor::from(pool.labels, {static_cast<int64_t>(pool.size())}, device);
}

Scenario make_scenario(const Dataset& data, const ScenarioOptions& options, uint64_t seed) {
  const int classes = data.train.info.classes();
  Scenario s;
  s.order = class_order(options.order, classes, static_cast<uint32_t>(seed));
  s.classes_per_task = split_classes(static_cast<int>(s.order.size()), options.tasks, options.base_classes);
  const std::vector<int> learning_label = labels_by_class(s.order, classes);
  const auto split = split_validation(data.train.labels, s.order, s.classes_per_task, options.validation_fraction,
                                      static_cast<int64_t>(seed));
  for (const TaskImages& task : split) {
    s.train.push_back(pool_of(task.train, data.train.labels, learning_label));
    s.validation.push_back(pool_of(task.validation, data.train.labels, learning_label));
  }
  for (const auto& images : images_by_task(data.test.labels, s.order, s.classes_per_task))
    s.test.push_back(pool_of(images, data.test.labels, learning_label));
  for (int original : s.order) s.class_names.push_back(data.train.info.class_names[static_cast<size_t>(original)]);
  if (options.stop_after < 0 || options.stop_after > s.tasks())
    fail_usage("--stop-after {} is not between 1 and the {} tasks (0 runs them all)", options.stop_after, s.tasks());
  s.tasks_to_run = options.stop_after ? options.stop_after : s.tasks();
  return s;
}

}  // namespace mneme
