#include "incremental/experiment/task_results.h"

#include "data/files/atomic_file.h"
#include "data/images/resize.h"
#include "engine/base/stop.h"
#include "engine/safetensors.h"
#include "incremental/experiment/storage/run_log.h"
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

void write_memory(const RunFolder& folder, const IncrementalLearner& learner) {
  folder.write_exemplars(learner.replay_buffer().ledger());
  const auto thumbnail = [&](int image) { return thumbnail_of(learner, image); };
  folder.write_contact_sheet(contact_sheet(sheet_rows(learner), learner.data().train, thumbnail));
}

/// Weights of classes that nothing has been learned of yet are left out.
void write_model(const RunFolder& folder, const IncrementalLearner& learner) {
  IncrementalNet& net = learner.networks().net();
  NamedTensors state = named_state(net);
  std::erase_if(state, [&](const auto& tensor) { return net.part_of(tensor.first) == Part::later_classes; });
  write_file_atomically(folder.model_path(learner.task()),
                        to_safetensors(state, {{"classes", std::to_string(net.classes())}}));
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
  folder.write_last_layer(result.last_layer, result.classes_per_task);
  folder.write_class_accuracies(result.class_accuracy, result.classes_per_task, result.class_names);
  folder.write_accuracies(result.task_aware, result.task_agnostic);
  folder.write_top5(result.top5);
  folder.write_confusion(result.confusion);
}

void write_results(const RunFolder& folder, const RunResult& result, const IncrementalLearner& learner) {
  stop_if_asked();
  if (learner.replay_buffer().remembers()) write_memory(folder, learner);
  stop_if_asked();
  if (learner.options().save_models) write_model(folder, learner);
  stop_if_asked();
  write_tables(folder, result);
}

void write_again(const RunFolder& folder, const RunResult& result, const IncrementalLearner& learner,
                 std::span<const SearchResult> searches) {
  folder.write_settings(result.settings);
  write_logs_again(folder, result);
  if (!searches.empty()) folder.write_searches(searches);
  if (learner.replay_buffer().remembers()) write_memory(folder, learner);
  write_tables(folder, result);
  folder.write_summary(summary(result));
}

}  // namespace mneme
