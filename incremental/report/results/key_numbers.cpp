#include "incremental/report/results/key_numbers.h"

#include "engine/base/error.h"

#include <algorithm>
#include <limits>

namespace mneme {
namespace {

constexpr const char* agnostic_suffix = "_task_agnostic";
constexpr const char* aware_suffix = "_task_aware";
constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

std::vector<double> classes_as_weights(const RunResult& run) {
  return {run.classes_per_task.begin(), run.classes_per_task.end()};
}

/// Test images per task, or classes where the numbers of images are unknown.
std::vector<double> weights_of(const RunResult& run) {
  return run.test_images_per_task.empty() ? classes_as_weights(run) : run.test_images_per_task;
}

double last(const std::vector<double>& values) { return values.empty() ? undefined : values.back(); }

/// Computes the same average of both matrices.
template <class Average>
KeyNumber number_of(const RunResult& run, const char* key, const char* label, const char* formula, const char* used_by,
                    const Average& average) {
  return {key, label, formula, used_by, average(run.task_agnostic), average(run.task_aware)};
}

std::vector<KeyNumber> averages_over_steps(const RunResult& run) {
  const auto per_step = [&run](const AccuracyMatrix& a) { return accuracy_per_step(run, a); };
  return {number_of(run, "average_incremental_accuracy", "Average incremental accuracy",
                    "mean over t of Acc_t, first task included", "Balanced Softmax, LUCIR, PODNet, SS-IL",
                    [&](const auto& a) { return mean_over_steps(per_step(a)); }),
          number_of(run, "average_incremental_accuracy_without_base", "Average incremental accuracy without base",
                    "mean over t ≥ 2 of Acc_t", "EEIL, IL2M",
                    [&](const auto& a) { return mean_over_steps_without_base(per_step(a)); }),
          number_of(run, "average_accuracy_weighted_by_classes_seen", "Average accuracy weighted by classes seen",
                    "Σ N_t·Acc_t / Σ N_t, N_t classes seen after task t", "LUCIR’s tools",
                    [&](const auto& a) {
                      return mean_over_steps_weighted_by_classes_seen(per_step(a), classes_as_weights(run));
                    }),
          number_of(run, "mean_of_row_means", "Mean of row means", "mean over t of mean over u ≤ t of a[t,u]",
                    "FACIL’s avg_accs, averaged",
                    [](const auto& a) { return mean_over_steps(mean_over_tasks_per_step(a)); }),
          number_of(run, "mean_over_all_entries", "Mean over all entries", "mean of all a[t,u], u ≤ t",
                    "Rethinking Softmax (task-aware)", mean_over_all_entries),
          number_of(run, "final_accuracy", "Final accuracy", "Acc_t after the last task", "all",
                    [&](const auto& a) { return last(per_step(a)); }),
          number_of(run, "final_base_accuracy", "Final accuracy on the base task", "a[t,1] after the last task",
                    "Balanced Softmax, LUCIR", final_base_accuracy)};
}

std::vector<KeyNumber> averages_of_forgetting(const RunResult& run) {
  return {number_of(run, "final_mean_forgetting", "Forgetting", "mean over u < t of f[t,u], after the last task",
                    "FACIL, RWalk", [](const auto& a) { return last(mean_forgetting_per_step(a)); }),
          number_of(run, "mean_forgetting_over_all_entries", "Forgetting, mean over all entries",
                    "mean of all f[t,u], u < t", "Rethinking Softmax as written (task-aware)",
                    mean_forgetting_over_all_entries),
          number_of(run, "mean_clipped_forgetting_over_all_entries", "Forgetting, gains counted as zero",
                    "mean of all max(f[t,u], 0), u < t", "Rethinking Softmax as its scripts compute it (task-aware)",
                    mean_clipped_forgetting_over_all_entries)};
}

/// Averages of how well a run learned each task and how much of it remained.
std::vector<KeyNumber> averages_of_transfer(const RunResult& run) {
  std::vector<KeyNumber> numbers = {
      number_of(run, "learning_accuracy", "Learning accuracy", "mean over t of a[t,t]", "GEM’s successors",
                learning_accuracy),
      number_of(run, "backward_transfer", "Backward transfer", "mean over u < T of a[T,u] − a[u,u], last T",
                "GEM; Avalanche’s StreamBWT", backward_transfer)};
  if (!run.reference_task_aware.empty())
    numbers.push_back({"intransigence", "Intransigence", "mean over t of a*[t,t] − a[t,t], a* of the reference run",
                       "RWalk", intransigence(run.task_agnostic, run.reference_task_agnostic),
                       intransigence(run.task_aware, run.reference_task_aware)});
  if (!run.forward_transfer.empty())
    numbers.push_back({.key = "forward_transfer",
                       .label = "Forward transfer",
                       .formula = "mean over t ≥ 2 of m[t−1,t] − m[0,t], m by nearest means of the features",
                       .used_by = "GEM, with nearest means in place of an untrained head",
                       .task_agnostic = undefined,
                       .task_aware = mean_over_steps(run.forward_transfer),
                       .has_agnostic = false});
  return numbers;
}

/// The same averages of the network's logits and of nearest means, where there is a memory.
std::vector<KeyNumber> averages_by_rule(const RunResult& run) {
  std::vector<KeyNumber> numbers;
  struct Rule {
    const char *key, *label, *used_by;
    const RuleAccuracies& of;
  };
  for (const Rule& rule :
       {Rule{"_by_network", ", network’s logits", "PyCIL’s CNN, LUCIR", run.network},
        Rule{"_by_nearest_mean", ", nearest mean of exemplars", "PyCIL’s NME, iCaRL, LUCIR", run.nearest_mean}}) {
    if (rule.of.task_agnostic.empty()) continue;
    const auto agnostic = accuracy_per_step(run, rule.of.task_agnostic),
               aware = accuracy_per_step(run, rule.of.task_aware);
    numbers.push_back({std::string("average_incremental_accuracy") + rule.key,
                       std::string("Average incremental accuracy") + rule.label, "mean over t of Acc_t", rule.used_by,
                       mean_over_steps(agnostic), mean_over_steps(aware)});
    numbers.push_back({std::string("final_accuracy") + rule.key, std::string("Final accuracy") + rule.label,
                       "Acc_t after the last task", rule.used_by, last(agnostic), last(aware)});
  }
  return numbers;
}

std::vector<KeyNumber> averages_of_top5(const RunResult& run) {
  const std::vector<double> per_step = accuracy_per_step(run, run.top5);
  return {{"average_incremental_top5_accuracy", "Average incremental top-5 accuracy",
           "mean over t of the share of labels among the five highest scores, first task included",
           "iCaRL, BiC, SS-IL (large sets)", mean_over_steps(per_step), undefined, false},
          {"final_top5_accuracy", "Final top-5 accuracy", "the same after the last task", "BiC, SS-IL", last(per_step),
           undefined, false}};
}

void check_consistent(const RunResult& run) {
  MNEME_CHECK(run.task_aware.steps() == run.task_agnostic.steps(),
              "the run has {} task-aware but {} task-agnostic accuracy rows; add both after each task",
              run.task_aware.steps(), run.task_agnostic.steps());
  MNEME_CHECK(run.tasks_done() <= run.tasks_planned(), "the run has {} accuracy rows but only {} tasks",
              run.tasks_done(), run.tasks_planned());
}

}  // namespace

namespace {

void add_numbers(nlohmann::json& json, const char* key, const NamedNumbers& numbers) {
  if (numbers.empty()) return;
  json[key] = numbers;
}

/// NaN for null, which stands for a number that was not finite.
double number_of(const nlohmann::json& json) { return json.is_null() ? undefined : json.get<double>(); }

NamedNumbers numbers_in(const nlohmann::json& json, const char* key) {
  NamedNumbers numbers;
  if (json.contains(key))
    for (const auto& [name, value] : json[key].items()) numbers[name] = number_of(value);
  return numbers;
}

}  // namespace

nlohmann::json as_json(const EpochRecord& record) {
  nlohmann::json json = {{"task", record.task + 1},
                         {"epoch", record.epoch},
                         {"stage", record.stage},
                         {"loss", record.loss},
                         {"lr", record.lr}};
  if (record.validation_accuracy) json["validation_accuracy"] = *record.validation_accuracy;
  if (record.validation_loss) json["validation_loss"] = *record.validation_loss;
  if (record.gradient_norm) json["gradient_norm"] = *record.gradient_norm;
  add_numbers(json, "terms", record.terms);
  add_numbers(json, "numbers", record.numbers);
  return json;
}

EpochRecord epoch_record(const nlohmann::json& json, int first_task) {
  EpochRecord record;
  const int task = json.at("task").get<int>();
  MNEME_CHECK(task >= first_task, "task {}, and the first is {}", task, first_task);
  record.task = task - first_task;
  json.at("epoch").get_to(record.epoch);
  json.at("stage").get_to(record.stage);
  record.loss = json.at("loss").is_null() ? undefined : json.at("loss").get<double>();
  json.at("lr").get_to(record.lr);
  if (json.contains("validation_accuracy")) record.validation_accuracy = json["validation_accuracy"].get<double>();
  if (json.contains("validation_loss")) record.validation_loss = json["validation_loss"].get<double>();
  if (json.contains("gradient_norm")) record.gradient_norm = number_of(json["gradient_norm"]);
  record.terms = numbers_in(json, "terms");
  record.numbers = numbers_in(json, "numbers");
  if (json.contains("alpha")) record.numbers["alpha"] = json["alpha"].get<double>();  // of format 1
  return record;
}

nlohmann::json as_json(const PublishedNumber& number) {
  nlohmann::json json = {{"key", number.key}, {"value", number.value}, {"source", number.source}};
  if (number.deviation) json["deviation"] = *number.deviation;
  if (!number.note.empty()) json["note"] = number.note;
  if (!number.comparable) json["comparable"] = false;
  return json;
}

PublishedNumber published_number(const nlohmann::json& json) {
  PublishedNumber number{json.at("key"), json.at("value"), {}, json.at("source")};
  if (json.contains("deviation")) number.deviation = json["deviation"].get<double>();
  number.note = json.value("note", "");
  number.comparable = json.value("comparable", true);
  return number;
}

nlohmann::json timing_as_json(const EpochRecord& record) {
  return {{"task", record.task + 1},
          {"epoch", record.epoch},
          {"stage", record.stage},
          {"ended", record.ended},
          {"seconds", record.seconds},
          {"images_per_second", static_cast<double>(record.images) / record.seconds},
          {"waiting_for_images", record.waited / record.seconds}};
}

std::vector<double> accuracy_per_step(const RunResult& run, const AccuracyMatrix& accuracy) {
  return weighted_accuracy_per_step(accuracy, weights_of(run));
}

std::vector<OldAndNew> old_and_new_per_step(const RunResult& run, const AccuracyMatrix& accuracy) {
  return old_and_new_per_step(accuracy, weights_of(run));
}

std::vector<KeyNumber> key_numbers(const RunResult& run) {
  check_consistent(run);
  std::vector<KeyNumber> numbers = averages_over_steps(run);
  for (auto more : {averages_of_top5, averages_of_forgetting, averages_of_transfer, averages_by_rule})
    for (KeyNumber& number : more(run)) numbers.push_back(std::move(number));
  return numbers;
}

std::vector<KeyNumber> headline_numbers(const std::vector<KeyNumber>& numbers) {
  std::vector<KeyNumber> found;
  for (const char* key : {"average_incremental_accuracy", "final_accuracy", "final_mean_forgetting"})
    found.push_back(*std::ranges::find(numbers, key, &KeyNumber::key));
  return found;
}

NamedValue find_number(const std::vector<KeyNumber>& numbers, std::string_view name) {
  for (const KeyNumber& number : numbers) {
    if (number.has_agnostic && name == number.key + agnostic_suffix)
      return {number.label + ", task-agnostic", number.task_agnostic};
    if (number.has_aware && name == number.key + aware_suffix)
      return {number.label + ", task-aware", number.task_aware};
  }
  fail("\"{}\" names none of a run's averages; summary.json lists them", name);
}

nlohmann::json summary(const RunResult& run) {
  nlohmann::json json = {{"method", run.method},
                         {"description", run.description},
                         {"data_set", run.data_set},
                         {"seed", run.seed},
                         {"protocol", run.protocol},
                         {"data_id", run.data_id},
                         {"tasks_planned", run.tasks_planned()},
                         {"tasks_done", run.tasks_done()},
                         {"classes_per_task", run.classes_per_task},
                         {"published", nlohmann::json::array()},
                         {"departures", run.departures},
                         {"remarks", run.remarks}};
  for (const PublishedNumber& number : run.published) json["published"].push_back(as_json(number));
  for (const KeyNumber& number : key_numbers(run)) {
    if (number.has_agnostic) json[number.key + agnostic_suffix] = number.task_agnostic;
    if (number.has_aware) json[number.key + aware_suffix] = number.task_aware;
  }
  json["average_incremental_accuracy"] = json["average_incremental_accuracy_task_agnostic"];
  json["final_accuracy"] = json["final_accuracy_task_agnostic"];

  const auto add_matrix = [&](const std::string& suffix, const AccuracyMatrix& accuracy) {
    json["accuracy" + suffix] = accuracy.rows();
    json["forgetting" + suffix] = forgetting(accuracy);
    json["accuracy_per_step" + suffix] = accuracy_per_step(run, accuracy);
    json["mean_forgetting_per_step" + suffix] = mean_forgetting_per_step(accuracy);
    for (const OldAndNew& step : old_and_new_per_step(run, accuracy)) {
      json["old_classes_per_step" + suffix].push_back(step.old_classes);
      json["new_classes_per_step" + suffix].push_back(step.new_classes);
    }
  };
  json["top5_accuracy_task_agnostic"] = run.top5.rows();
  json["top5_accuracy_per_step_task_agnostic"] = accuracy_per_step(run, run.top5);
  for (const auto& [rule, of] :
       {std::pair{"_by_network", &run.network}, std::pair{"_by_nearest_mean", &run.nearest_mean}})
    if (!of->task_aware.empty()) {
      json[std::string("accuracy") + rule + aware_suffix] = of->task_aware.rows();
      json[std::string("accuracy") + rule + agnostic_suffix] = of->task_agnostic.rows();
    }
  if (run.confusion.classes() > 0) json["class_accuracy_task_agnostic"] = run.confusion.class_accuracies();
  if (!run.forward_transfer.empty()) json["forward_transfer_per_task"] = run.forward_transfer;
  if (!run.reference_task_aware.empty()) {
    json["reference_accuracy_task_aware"] = run.reference_task_aware;
    json["reference_accuracy_task_agnostic"] = run.reference_task_agnostic;
  }
  add_matrix(aware_suffix, run.task_aware);
  add_matrix(agnostic_suffix, run.task_agnostic);
  return json;
}

}  // namespace mneme
