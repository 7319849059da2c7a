#include "incremental/experiment/task_results.h"

#include "data/batches/streamed_images.h"
#include "data/files/atomic_file.h"
#include "data/images/resize.h"
#include "engine/base/stop.h"
#include "engine/base/version.h"
#include "engine/device.h"
#include "engine/precision.h"
#include "incremental/experiment/storage/provenance.h"
#include "incremental/experiment/storage/run_log.h"
#include "incremental/models/model_file.h"
#include "incremental/models/pretrained.h"
#include "incremental/protocol/task_end.h"
#include "incremental/report/contact_sheet.h"
#include "incremental/report/report.h"
#include "incremental/report/results/key_numbers.h"

namespace mneme {
namespace {

std::vector<ClassOutput> last_layer_of(const IncrementalNet& net, const EvaluationResult& evaluation) {
  std::vector<ClassOutput> out;
  for (const ClassWeight& weight : net.classifier->class_weights())
    out.push_back({weight.length, weight.bias, evaluation.mean_logits[out.size()]});
  return out;
}

std::vector<SheetRow> sheet_rows(const IncrementalLearner& learner) {
  std::vector<SheetRow> rows;
  for (const auto& exemplars : learner.replay_buffer().memory().classes()) {
    rows.push_back({learner.scenario().class_names[rows.size()], {}});
    for (const Exemplar& exemplar : exemplars) rows.back().images.push_back(exemplar.index);
  }
  return rows;
}

/// A thumbnail of a training image, with its learned pixels if it has any.
RawImage thumbnail_of(const IncrementalLearner& learner, int image) {
  const RawImage small = learner.data().train.thumbnail(image);
  const LearnedImages* const learned = learner.images().learned();
  const std::optional<RawImage> own = learned ? learned->raw_image(image) : std::nullopt;
  return own ? resized(*own, whole(*own), small.height, small.width) : small;
}

/// The names and labels of all classes of the run, learned or not.
ClassLabels labels_of(const RunResult& result) {
  ClassLabels labels{result.class_names, {}};
  if (const auto order = result.settings.find("class_order"); order != result.settings.end())
    order->get_to(labels.original);
  return labels;
}

void write_memory(const RunFolder& folder, const RunResult& result, const IncrementalLearner& learner) {
  folder.write_exemplars(learner.replay_buffer().ledger(), labels_of(result));
  const auto thumbnail = [&](int image) { return thumbnail_of(learner, image); };
  folder.write_contact_sheet(contact_sheet(sheet_rows(learner), learner.data().train, thumbnail));
}

/// The mean of a row of accuracies, weighted by the test images of each task.
double over_all_images(const std::vector<double>& accuracies, const std::vector<double>& images) {
  double right = 0, all = 0;
  for (size_t task = 0; task < accuracies.size(); ++task) {
    right += accuracies[task] * images[task];
    all += images[task];
  }
  return right / all;
}

ModelAccuracy accuracy_of(const RunResult& result) {
  const std::vector<double>& images = result.test_images_per_task;
  return {result.confusion.total(), result.confusion.accuracy(), over_all_images(result.top5.rows().back(), images),
          over_all_images(result.task_aware.rows().back(), images)};
}

ModelInfo describe_model(const RunResult& result, const IncrementalLearner& learner) {
  const IncrementalNet& net = learner.networks().net();
  const Scenario& scenario = learner.scenario();
  ModelInfo info;
  info.network = learner.options().network;
  info.classifier = learner.options().classifier.value_or(ClassifierKind::linear);
  info.task_sizes = net.task_sizes;
  info.tasks_planned = scenario.tasks();
  info.class_names = {scenario.class_names.begin(), scenario.class_names.begin() + net.classes()};
  info.original_labels = {scenario.order.begin(), scenario.order.begin() + net.classes()};
  info.images = learner.data().test.info;
  info.images.class_names.clear();
  const bool any_size = dynamic_cast<const StreamedImages*>(&learner.data().test) != nullptr;
  info.short_side = any_size ? short_side_for(info.images.height) : 0;
  info.method = result.method;
  info.prediction_rule = learner.method().rule->name();
  info.protocol = result.protocol;
  info.data_id = result.data_id;
  if (const auto& pretrained = learner.options().pretrained) info.pretrained = pretrained->id;
  info.version = version();
  info.device = name_of(learner.options().device);
  info.exact_convolutions = exact_convolutions();
  info.seed = result.seed;
  info.accuracy = accuracy_of(result);
  return info;
}

/// The class means over the exemplars, so that a model can predict by them even if its own rule is another. Empty
/// without exemplars, and for a model whose rule keeps such means.
NamedTensors class_means(const IncrementalLearner& learner) {
  const Subset exemplars = learner.replay_buffer().exemplars();
  const RulePointer means = nearest_mean();
  if (exemplars.size() == 0 || learner.method().rule->name() == means->name()) return {};
  IncrementalNet& net = learner.networks().net();
  means->on_classes_added(net);
  const TaskContext context = learner.context(learner.task(), exemplars);
  means->end_task(
      {net, context, learner.images().train(), exemplars, exemplars, exemplars, learner.options().train.augmentation});
  return named_state(*means);
}

void write_model(const RunFolder& folder, const RunResult& result, const IncrementalLearner& learner) {
  write_file_atomically(folder.model_path(learner.task()),
                        model_bytes(learner.networks().net(), *learner.method().rule, class_means(learner),
                                    describe_model(result, learner)));
}

}  // namespace

void add_evaluation(RunResult& result, const IncrementalNet& net, const EvaluationResult& evaluation) {
  result.task_aware.add_row(evaluation.task_aware);
  result.task_agnostic.add_row(evaluation.task_agnostic);
  result.top5.add_row(evaluation.top5);
  result.confusion = evaluation.confusion;
  result.last_layer.push_back(last_layer_of(net, evaluation));
  result.class_accuracy.push_back(evaluation.confusion.class_accuracies());
  for (const auto& [of, to] :
       {std::pair{&evaluation.by_logits, &result.network}, std::pair{&evaluation.by_side_rule, &result.nearest_mean}}) {
    if (of->task_aware.empty()) continue;
    to->task_aware.add_row(of->task_aware);
    to->task_agnostic.add_row(of->task_agnostic);
  }
}

void write_tables(const RunFolder& folder, const RunResult& result) {
  const std::string report = report_html(result);
  folder.write_report(report);
  const ClassLabels labels = labels_of(result);
  folder.write_last_layer(result.last_layer, result.classes_per_task, labels);
  folder.write_class_accuracies(result.class_accuracy, result.classes_per_task, labels);
  folder.write_accuracies(result.task_aware, result.task_agnostic);
  folder.write_top5(result.top5);
  folder.write_confusion(result.confusion, labels);
}

void write_results(const RunFolder& folder, const RunResult& result, const IncrementalLearner& learner) {
  stop_if_asked();
  if (learner.replay_buffer().remembers()) write_memory(folder, result, learner);
  stop_if_asked();
  if (learner.options().save_models) write_model(folder, result, learner);
  stop_if_asked();
  write_tables(folder, result);
}

void write_again(const RunFolder& folder, const RunResult& result, const IncrementalLearner& learner,
                 std::span<const SearchResult> searches) {
  folder.write_settings(run_json(result));
  write_logs_again(folder, result);
  if (!searches.empty()) folder.write_searches(searches);
  if (learner.replay_buffer().remembers()) write_memory(folder, result, learner);
  write_tables(folder, result);
  folder.write_summary(summary(result));
}

}  // namespace mneme
