// Grid search inside an experiment: trials are trainings of the network that are then taken back.

#include "incremental/experiment/experiment.h"
#include "incremental/losses/prediction.h"

namespace mneme {
namespace {

/// A part of a run's report.
std::string remark_of(const Found& found) {
  return fmt::format("Task {}: grid search chose the learning rate {:g}{} after {} trials.", found.task, found.rate,
                     found.weight ? fmt::format(" and the weight {:g}", *found.weight) : "", found.trials.size());
}

Recipe plain_finetuning() {
  Recipe recipe;
  recipe.prediction = {{"cross-entropy", 1, current_cross_entropy()}};
  return recipe;
}

/// Share of the newest task's images whose largest logit among the task's classes is that of their label.
double accuracy_inside_task(IncrementalNet& net, const ImageSource& images, const Pool& pool) {
  const Answers given = answers(net, images, pool.images, false);
  const int first = net.offset(net.tasks() - 1);
  int correct = 0;
  size_t own = 0;
  for (size_t i = 0; i < pool.size(); ++i) {
    if (pool.labels[i] < first) continue;
    const auto begin = given.logits[i].begin() + first;
    correct += std::max_element(begin, given.logits[i].end()) - begin == pool.labels[i] - first;
    ++own;
  }
  MNEME_CHECK(own > 0, "grid search needs validation images of every task: give --validation more");
  return correct / static_cast<double>(own);
}

}  // namespace

/// Trains by `recipe` and takes it back. A run that is asked to stop meanwhile goes on from where the task began.
double Experiment::try_out(Recipe& recipe, double rate, const TaskContext& context, const Pool& pool,
                           const Watcher& watcher) {
  const Snapshot before(*net_);
  TrainOptions options = options_.train;
  options.learning_rate = rate;
  Trainer(*net_, recipe, options, *train_images_, options_.seed, watcher).learn(context, offer(pool), old_.get());
  const double accuracy = accuracy_inside_task(*net_, *train_images_, supply_.validation(task_));
  before.restore(*net_);
  return accuracy;
}

void Experiment::search(RunFolder& folder, const ExperimentWatcher& watcher, const TaskContext& context,
                        const Pool& pool) {
  Watcher quiet;
  quiet.on_state = [&](const TrainState&) {
    if (watcher.stop_requested && watcher.stop_requested())
      throw Interrupted(fmt::format("stopped in the grid search of task {}; earlier tasks are saved", task_ + 1));
  };
  const Pool fresh = supply_.fresh(task_);
  TaskContext without_exemplars = context_of(task_, fresh);
  without_exemplars.has_exemplars = false;
  const Trial trial = [&](double rate, std::optional<double> weight) {
    if (!weight) {
      Recipe plain = plain_finetuning();
      return try_out(plain, rate, without_exemplars, fresh, quiet);
    }
    Recipe guarded = recipe_with(weight);
    return try_out(guarded, rate, context, pool, quiet);
  };
  const double first_rate = found_.empty() ? 0 : found_[0].rate;
  found_.push_back(search_grid(options_.grid, task_, first_rate, search_from_, trial));
  folder.write_searches(found_);
  adopt(found_.back());
}

/// The method with another weight, and with all that it carries.
Recipe Experiment::recipe_with(std::optional<double> weight) {
  ExperimentOptions options = options_;
  if (weight) options.method_options.lambda = weight;
  Recipe recipe = recipe_for(options);
  if (net_->tasks() == 0) return recipe;
  recipe.grow(*net_);
  load_state(recipe, named_state(recipe_));
  return recipe;
}

/// From now on the run goes on with what was found.
void Experiment::adopt(const Found& found) {
  recipe_ = recipe_with(found.weight);
  options_.train.learning_rate = found.rate;
  if (found.weight) options_.method_options.lambda = found.weight;
  result_.remarks.push_back(remark_of(found));
}

}  // namespace mneme
