// Grid search inside an experiment: trials are trainings of the network that are then taken back.

#include "incremental/experiment/experiment.h"
#include "incremental/losses/prediction.h"

namespace mneme {
namespace {

/// A part of a run's report.
std::string remark_of(const SearchResult& found) {
  return fmt::format("Task {}: grid search chose the learning rate {:g}{} after {} trials.", found.task, found.rate,
                     found.weight ? fmt::format(" and the weight {:g}", *found.weight) : "", found.trials.size());
}

Method plain_finetuning() {
  Method method;
  method.prediction = {{"cross-entropy", 1, current_cross_entropy()}};
  return method;
}

/// Share of the newest task's images whose largest logit among the task's classes is that of their label.
double accuracy_inside_task(IncrementalNet& net, const ImageSource& images, const Subset& subset) {
  const ImageOutputs given = collect_outputs(net, images, subset.images, false);
  const int first = net.offset(net.tasks() - 1);
  int correct = 0;
  size_t own = 0;
  for (size_t i = 0; i < subset.size(); ++i) {
    if (subset.labels[i] < first) continue;
    const auto begin = given.logits[i].begin() + first;
    correct += std::max_element(begin, given.logits[i].end()) - begin == subset.labels[i] - first;
    ++own;
  }
  MNEME_CHECK(own > 0, "grid search needs validation images of every task: give --validation more");
  return correct / static_cast<double>(own);
}

}  // namespace

/// Trains by `method` and takes it back. A run that is asked to stop meanwhile goes on from where the task began.
double Experiment::try_out(Method& method, double rate, const TaskContext& context, const Subset& subset,
                           const TrainingCallbacks& callbacks) {
  const Snapshot before(*net_);
  TrainOptions options = options_.train;
  options.learning_rate = rate;
  Trainer(*net_, method, options, *train_images_, options_.seed, callbacks)
      .learn(context, task_data(subset), teacher_.get());
  const double accuracy = accuracy_inside_task(*net_, *train_images_, replay_buffer_.validation(task_));
  before.restore(*net_);
  return accuracy;
}

void Experiment::search(RunFolder& folder, const ExperimentCallbacks& callbacks, const TaskContext& context,
                        const Subset& subset) {
  TrainingCallbacks quiet;
  quiet.on_state = [&](const TrainState&) {
    if (callbacks.stop_requested && callbacks.stop_requested())
      throw Interrupted(fmt::format("stopped in the grid search of task {}; earlier tasks are saved", task_ + 1));
  };
  const Subset new_images = replay_buffer_.new_images(task_);
  TaskContext without_exemplars = context_of(task_, new_images);
  without_exemplars.has_exemplars = false;
  const Trial trial = [&](double rate, std::optional<double> weight) {
    if (!weight) {
      Method plain = plain_finetuning();
      return try_out(plain, rate, without_exemplars, new_images, quiet);
    }
    Method guarded = method_with(weight);
    return try_out(guarded, rate, context, subset, quiet);
  };
  const double first_rate = search_results_.empty() ? 0 : search_results_[0].rate;
  search_results_.push_back(search_grid(options_.grid, task_, first_rate, search_from_, trial));
  folder.write_searches(search_results_);
  adopt(search_results_.back());
}

/// The method with another weight, and with all that it carries.
Method Experiment::method_with(std::optional<double> weight) {
  ExperimentOptions options = options_;
  if (weight) options.method_options.lambda = weight;
  Method method = method_for(options);
  if (net_->tasks() == 0) return method;
  method.on_classes_added(*net_);
  load_state(method, named_state(method_));
  return method;
}

/// From now on the run goes on with what was found.
void Experiment::adopt(const SearchResult& found) {
  method_ = method_with(found.weight);
  options_.train.learning_rate = found.rate;
  if (found.weight) options_.method_options.lambda = found.weight;
  result_.remarks.push_back(remark_of(found));
}

}  // namespace mneme
