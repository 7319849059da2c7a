#include "incremental/experiment/storage/checkpoint_results.h"

#include <cmath>

#include "engine/base/error.h"

namespace mneme {
namespace {

using nlohmann::json;

json values_of(const EpochRecord& r) {
  json values = as_json(r);
  values["seconds"] = r.seconds;
  values["waited"] = r.waited;
  values["images"] = r.images;
  values["ended"] = r.ended;
  return values;
}

EpochRecord epoch_of(const json& values) {
  EpochRecord r = epoch_record(values);
  values.at("seconds").get_to(r.seconds);
  values.at("waited").get_to(r.waited);
  values.at("images").get_to(r.images);
  values.at("ended").get_to(r.ended);
  return r;
}

json values_of(const std::vector<std::vector<ClassOutput>>& last_layer) {
  json rows = json::array();
  for (const std::vector<ClassOutput>& row : last_layer) {
    json& classes = rows.emplace_back(json::array());
    for (const ClassOutput& c : row) classes.push_back({c.weight_length, c.bias, c.mean_logit});
  }
  return rows;
}

std::vector<std::vector<ClassOutput>> last_layer_of(const json& rows) {
  std::vector<std::vector<ClassOutput>> last_layer;
  for (const json& classes : rows) {
    std::vector<ClassOutput>& row = last_layer.emplace_back();
    for (const json& c : classes) row.push_back({c.at(0).get<double>(), c.at(1).get<double>(), c.at(2).get<double>()});
  }
  return last_layer;
}

json values_of(const RuleAccuracies& of) { return {of.task_aware.rows(), of.task_agnostic.rows()}; }

RuleAccuracies rule_accuracies_of(const json& values) {
  return {AccuracyMatrix(values.at(0).get<Triangle>()), AccuracyMatrix(values.at(1).get<Triangle>())};
}

/// A class without test images has NaN, which JSON writes as null.
std::vector<std::vector<double>> class_accuracies_of(const json& rows) {
  std::vector<std::vector<double>> accuracies;
  for (const json& row : rows) {
    std::vector<double>& classes = accuracies.emplace_back();
    for (const json& value : row) classes.push_back(value.is_null() ? std::nan("") : value.get<double>());
  }
  return accuracies;
}

json value_of(const std::optional<double>& number) { return number ? json(*number) : json(); }

std::optional<double> optional_number(const json& value) {
  if (value.is_null()) return {};
  return value.get<double>();
}

json value_of(const SearchResult& found) {
  json trials = json::array();
  for (const TrialRecord& t : found.trials) trials.push_back({t.lr, value_of(t.weight), t.accuracy});
  return {{"task", found.task}, {"rate", found.lr}, {"weight", value_of(found.weight)}, {"trials", trials}};
}

SearchResult search_of(const json& value) {
  SearchResult found{
      value.at("task").get<int>(), value.at("rate").get<double>(), optional_number(value.at("weight")), {}};
  for (const json& t : value.at("trials"))
    found.trials.push_back({t.at(0).get<double>(), optional_number(t.at(1)), t.at(2).get<double>()});
  return found;
}

void save_confusion(Checkpoint& to, const ConfusionMatrix& confusion) {
  if (confusion.classes() == 0) return;
  std::vector<int> rows = {confusion.classes(), 0, 0};  // the rows after this one: truth, prediction, images
  for (const auto& [at, count] : confusion.counts())
    rows.insert(rows.end(), {at.first, at.second, static_cast<int>(count)});
  to.add_integers("confusion", rows, {std::ssize(rows) / 3, 3});
}

ConfusionMatrix confusion_of(const Checkpoint& from) {
  const Tensor counts = from.find("confusion");
  if (!counts) return ConfusionMatrix();
  MNEME_CHECK(counts.rank() == 2 && counts.dim(0) > 0 && counts.dim(1) == 3, "its confusion matrix is {}",
              counts.shape().text());
  const std::vector<int> rows = counts.ints();
  ConfusionMatrix confusion(rows[0]);
  for (size_t i = 3; i < rows.size(); i += 3) confusion.add(rows[i], rows[i + 1], rows[i + 2]);
  return confusion;
}

}  // namespace

void save_results(Checkpoint& to, const RunResult& result) {
  json epochs = json::array();
  for (const EpochRecord& record : result.epochs) epochs.push_back(values_of(record));
  to.values["epochs"] = epochs;
  to.values["task_aware"] = result.task_aware.rows();
  to.values["task_agnostic"] = result.task_agnostic.rows();
  to.values["top5"] = result.top5.rows();
  to.values["last_layer"] = values_of(result.last_layer);
  to.values["network"] = values_of(result.network);
  to.values["nearest_mean"] = values_of(result.nearest_mean);
  to.values["class_accuracy"] = result.class_accuracy;
  to.values["forward_transfer"] = result.forward_transfer;
  save_confusion(to, result.confusion);
}

void restore_results(const Checkpoint& from, RunResult& result) {
  result.epochs.clear();
  for (const json& record : from.values.at("epochs")) result.epochs.push_back(epoch_of(record));
  result.task_aware = AccuracyMatrix(from.values.at("task_aware").get<Triangle>());
  result.task_agnostic = AccuracyMatrix(from.values.at("task_agnostic").get<Triangle>());
  result.top5 = AccuracyMatrix(from.values.at("top5").get<Triangle>());
  result.last_layer = last_layer_of(from.values.at("last_layer"));
  result.network = rule_accuracies_of(from.values.at("network"));
  result.nearest_mean = rule_accuracies_of(from.values.at("nearest_mean"));
  result.class_accuracy = class_accuracies_of(from.values.at("class_accuracy"));
  from.values.at("forward_transfer").get_to(result.forward_transfer);
  result.confusion = confusion_of(from);
}

void save_searches(Checkpoint& to, const std::vector<SearchResult>& searches) {
  json values = json::array();
  for (const SearchResult& search : searches) values.push_back(value_of(search));
  to.values["searches"] = values;
}

std::vector<SearchResult> searches_of(const Checkpoint& from) {
  std::vector<SearchResult> searches;
  for (const json& search : from.values.at("searches")) searches.push_back(search_of(search));
  return searches;
}

}  // namespace mneme
