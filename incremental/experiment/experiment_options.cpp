#include "incremental/experiment/experiment_options.h"

#include "engine/base/error.h"

namespace mneme {
namespace {

void check_memory(const ExperimentOptions& options, const Method& method) {
  const bool remembers = options.memory.kind != MemoryBudget::Kind::none;
  if (method.exemplars == ExemplarNeed::forbidden && remembers)
    fail_usage("{} takes no exemplars: leave out --memory-per-class and --memory-total", options.method);
  if (method.exemplars == ExemplarNeed::required && !remembers)
    fail_usage("{} needs exemplars: give --memory-per-class (20 is usual) or --memory-total", options.method);
  if (!remembers && !options.exemplars_from.empty())
    fail_usage(
        "--exemplars-from fills a memory, and there is none: give --memory-per-class or --memory-total as in that run");
  if (method.validation_exemplars > 0 && !options.exemplars_from.empty())
    fail_usage("{} holds some exemplars out of training: leave out --exemplars-from", options.method);
}

void check_images(const ExperimentOptions& options, const Method& method) {
  if (method.needs_auxiliary && !options.auxiliary)
    fail_usage("{} trains on a second image set: say where it is with --aux-data", options.method);
  if (method.exemplar_learning && options.train.augmentation.crop == Crop::resized_crop)
    fail_usage("{} changes exemplars' pixels, which resized crops cannot be made of: give --augmentation crop",
               options.method);
}

void check_first_task(const ExperimentOptions& options, const Method& method) {
  if (options.first_task_from.empty()) return;
  if (method.gathers_while_training())
    fail_usage("{} needs to see the first task being learned: leave out --first-task-from", options.method);
  if (options.train.keep_momentum)
    fail_usage("--keep-momentum needs the first task's momentum, which no run stores: leave out --first-task-from");
  if (method.network.whole_head)
    fail_usage(
        "--as-released of {} shrinks the weights of later classes while it learns the first, which no run stores: "
        "leave "
        "out --first-task-from",
        options.method);
  if (options.grid.tasks > 0)
    fail_usage("--grid-search-tasks chooses the first task's learning rate: leave out --first-task-from");
}

void check_validation(const ExperimentOptions& options) {
  if (options.scenario.validation_fraction != 0) return;
  if (options.grid.tasks > 0)
    fail_usage("--grid-search-tasks judges by validation images: give --validation more than 0");
  if (options.train.schedule == ScheduleKind::patience)
    fail_usage("--schedule patience judges by validation images: give --validation more than 0");
}

}  // namespace

Method method_for(const ExperimentOptions& options) {
  Method method = make_method(options.method, options.method_options);
  apply(options.slots, options.method_options, method);
  if (!options.predict_by.empty()) method.rule = rule_named(options.predict_by);
  return method;
}

ExperimentOptions with_network_config(ExperimentOptions options, const NetworkConfig& config) {
  if (!options.classifier) options.classifier = config.classifier;
  options.network.last_relu = options.network.last_relu && config.last_relu;
  options.network.signed_blocks = options.network.signed_blocks || config.signed_blocks;
  options.network.signed_maps = options.network.signed_maps || config.signed_maps;
  options.network.kernel_scales = options.network.kernel_scales || config.kernel_scales;
  options.whole_head = config.whole_head;
  return options;
}

void check_compatible(const ExperimentOptions& options, const Method& method) {
  check_memory(options, method);
  check_images(options, method);
  check_validation(options);
  check_first_task(options, method);
}

}  // namespace mneme
