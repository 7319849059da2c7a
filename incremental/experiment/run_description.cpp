#include "incremental/experiment/run_description.h"

#include "incremental/experiment/settings.h"
#include "incremental/report/results/run_format.h"

namespace mneme {
namespace {

using nlohmann::json;

json settings_of_run(const IncrementalLearner& learner, const json& data, const json& first_task) {
  const ExperimentOptions& options = learner.options();
  json all = settings_of(options, data, learner.scenario());
  all["format"] = run_format;
  all["prediction_rule"] = learner.method().rule->name();
  if (options.auxiliary) all["auxiliary"] = data_settings(*options.auxiliary);
  all["first_task"] = first_task;
  if (!options.first_task_from.empty()) all["first_task_from"] = options.first_task_from.string();
  if (!options.exemplars_from.empty()) all["exemplars_from"] = options.exemplars_from.string();
  return all;
}

}  // namespace

RunResult describe_run(const IncrementalLearner& learner, const json& data, const json& first_task) {
  const ExperimentOptions& options = learner.options();
  const Scenario& scenario = learner.scenario();
  RunResult result;
  result.method = options.method;
  result.description = learner.method().description;
  result.data_set = learner.data().train.info.name;
  result.seed = options.seed;
  result.classes_per_task = scenario.classes_per_task;
  for (const Subset& subset : scenario.test) result.test_images_per_task.push_back(static_cast<double>(subset.size()));
  result.class_names = scenario.class_names;
  result.published = options.published;
  result.departures = options.departures;
  result.remarks = options.remarks;
  if (learner.method().exemplars == ExemplarNeed::expected && !learner.replay_buffer().remembers())
    result.remarks.push_back(options.method + " is meant to be run with exemplars, and there are none.");
  result.settings = settings_of_run(learner, data, first_task);
  result.protocol = result.settings["protocol"];
  result.data_id = data["id"];
  result.guarantee = guarantee_of(options.device);
  return result;
}

}  // namespace mneme
