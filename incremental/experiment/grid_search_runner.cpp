#include "incremental/experiment/grid_search_runner.h"

#include <algorithm>

#include "engine/base/error.h"
#include "incremental/losses/prediction.h"
#include "incremental/protocol/evaluate.h"
#include "incremental/protocol/task_end.h"

namespace mneme {
namespace {

Method plain_finetuning() {
  Method method;
  method.prediction = {{"cross-entropy", 1, current_cross_entropy()}};
  return method;
}

/// The accuracy on the newest task's images in `subset`, choosing by `rule` among the classes of that task only.
double accuracy_inside_task(IncrementalNet& net, const ImageSource& images, const Subset& subset,
                            const PredictionRule& rule) {
  const ImageOutputs outputs = collect_outputs(net, images, subset.images, rule.needs_features());
  const int first = net.offset(net.tasks() - 1);
  int correct = 0;
  size_t own = 0;
  for (size_t i = 0; i < subset.size(); ++i) {
    if (subset.labels[i] < first) continue;
    ImageOutput output{outputs.logits[i], {}};
    if (rule.needs_features()) output.features = outputs.features[i];
    const ClassScores scores = rule.inside_task(output);
    const auto begin = scores.begin() + first;
    correct += std::max_element(begin, scores.end()) - begin == subset.labels[i] - first;
    ++own;
  }
  MNEME_CHECK(own > 0, "grid search needs validation images of every task: give --validation more");
  return correct / static_cast<double>(own);
}

}  // namespace

const SearchResult& GridSearchRunner::search(const Subset& train, const std::function<void()>& after_step) {
  TrainingCallbacks callbacks;
  callbacks.on_state = [&](const TrainState&) { after_step(); };
  const Trial one = [&](double rate, std::optional<double> weight) { return trial(rate, weight, train, callbacks); };
  const double first_rate = results_.empty() ? 0 : results_[0].lr;
  const SearchResult& found =
      results_.emplace_back(search_grid(learner_.options().grid, learner_.task(), first_rate, first_weight_, one));
  learner_.use(found.lr, found.weight);
  return found;
}

void GridSearchRunner::restore(std::vector<SearchResult> results) {
  results_ = std::move(results);
  for (const SearchResult& search : results_) learner_.use(search.lr, search.weight);
}

/// Without a weight, the trial is plain finetuning on the task's own images.
double GridSearchRunner::trial(double rate, std::optional<double> weight, const Subset& train,
                               const TrainingCallbacks& callbacks) {
  if (weight) {
    Method method = learner_.method_with(weight);
    return accuracy_after(method, rate, learner_.context(learner_.task(), train), train, callbacks);
  }
  Method method = plain_finetuning();
  const Subset new_images = learner_.replay_buffer().new_images(learner_.task());
  TaskContext context = learner_.context(learner_.task(), new_images);
  context.has_exemplars = false;
  return accuracy_after(method, rate, context, new_images, callbacks);
}

/// A prediction rule that uses features learns class means at the end of a task. In a trial they are computed from the
/// exemplars that the memory would hold then. FACIL judges iCaRL's trials by nearest means as well. The run's own
/// memory stays as it is.
void GridSearchRunner::end_trial(Method& method, const TaskContext& context, const Subset& train) {
  IncrementalNet& net = learner_.networks().net();
  ReplayBuffer memory = learner_.replay_buffer();
  memory.update(learner_.task(), net);
  const Subset exemplars = memory.exemplars(), new_images = memory.new_images(learner_.task());
  const TrainOptions& options = learner_.options().train;
  method.rule->end_task({net, context, learner_.images().train(), new_images, train, exemplars, options.augmentation,
                         options.batch_size, learner_.options().seed});
}

/// Trains by `method`, measures the accuracy on the task's validation images, and restores the network's weights.
double GridSearchRunner::accuracy_after(Method& method, double rate, const TaskContext& context, const Subset& train,
                                        const TrainingCallbacks& callbacks) {
  IncrementalNet& net = learner_.networks().net();
  const ImageSource& images = learner_.images().train();
  const Snapshot before(net);
  TrainOptions options = learner_.options().train;
  options.learning_rate = rate;
  Trainer(net, method, options, images, learner_.options().seed, callbacks)
      .learn(context, learner_.task_data(train), learner_.networks().teacher());
  if (method.rule->needs_features()) end_trial(method, context, train);
  const double accuracy =
      accuracy_inside_task(net, images, learner_.replay_buffer().validation(learner_.task()), *method.rule);
  before.restore(net);
  return accuracy;
}

std::string remark_on(const SearchResult& search) {
  return fmt::format("Task {}: grid search chose the learning rate {:g}{} after {} trials.", search.task, search.lr,
                     search.weight ? fmt::format(" and the weight {:g}", *search.weight) : "", search.trials.size());
}

}  // namespace mneme
