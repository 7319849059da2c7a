#include "incremental/protocol/metrics.h"

#include "engine/base/error.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>

namespace mneme {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

double mean(std::span<const double> values) {
  if (values.empty()) return undefined;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::vector<double> entries(const Triangle& triangle) {
  std::vector<double> all;
  for (const auto& row : triangle) all.insert(all.end(), row.begin(), row.end());
  return all;
}

double weighted_mean(std::span<const double> values, std::span<const double> weights) {
  double sum = 0, weight = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += weights[i] * values[i];
    weight += weights[i];
  }
  return values.empty() ? undefined : sum / weight;
}

void check_weights(std::size_t steps, std::span<const double> weights) {
  MNEME_CHECK(weights.size() >= steps, "got {} task weights for {} steps; give one per task", weights.size(), steps);
  for (double weight : weights.first(steps))
    MNEME_CHECK(weight > 0, "a task weight is {}; classes or test images per task must be positive", weight);
}

}  // namespace

AccuracyMatrix::AccuracyMatrix(const Triangle& rows) {
  for (const auto& row : rows) add_row(row);
}

void AccuracyMatrix::add_row(std::vector<double> row) {
  MNEME_CHECK(row.size() == rows_.size() + 1, "the accuracy row of step {} has {} entries; expected {}, one per task",
              rows_.size(), row.size(), rows_.size() + 1);
  for (double value : row)
    MNEME_CHECK(value >= 0 && value <= 1, "an accuracy of step {} is {}; expected a fraction from 0 to 1", rows_.size(),
                value);
  rows_.push_back(std::move(row));
}

double AccuracyMatrix::at(int step, int task) const {
  assert(step >= 0 && step < steps() && task >= 0 && task <= step);
  return rows_[static_cast<std::size_t>(step)][static_cast<std::size_t>(task)];
}

std::vector<double> mean_over_tasks_per_step(const AccuracyMatrix& accuracy) {
  std::vector<double> means;
  for (const auto& row : accuracy.rows()) means.push_back(mean(row));
  return means;
}

std::vector<double> weighted_accuracy_per_step(const AccuracyMatrix& accuracy, std::span<const double> task_weights) {
  check_weights(accuracy.rows().size(), task_weights);
  std::vector<double> means;
  for (const auto& row : accuracy.rows()) means.push_back(weighted_mean(row, task_weights));
  return means;
}

Triangle forgetting(const AccuracyMatrix& accuracy) {
  Triangle result;
  std::vector<double> best;  // per task: the maximum over earlier steps
  for (const auto& row : accuracy.rows()) {
    auto& forgot = result.emplace_back();
    for (std::size_t u = 0; u < best.size(); ++u) {
      forgot.push_back(best[u] - row[u]);
      best[u] = std::max(best[u], row[u]);
    }
    best.push_back(row.back());
  }
  return result;
}

std::vector<double> mean_forgetting_per_step(const AccuracyMatrix& accuracy) {
  std::vector<double> means;
  for (const auto& row : forgetting(accuracy)) means.push_back(mean(row));
  return means;
}

double mean_over_steps(std::span<const double> per_step) { return mean(per_step); }

double mean_over_steps_without_base(std::span<const double> per_step) {
  return per_step.empty() ? undefined : mean(per_step.subspan(1));
}

double mean_over_steps_weighted_by_classes_seen(std::span<const double> per_step,
                                                std::span<const double> task_classes) {
  check_weights(per_step.size(), task_classes);
  std::vector<double> seen(per_step.size());
  std::partial_sum(task_classes.begin(), task_classes.begin() + std::ssize(seen), seen.begin());
  return weighted_mean(per_step, seen);
}

double mean_over_all_entries(const AccuracyMatrix& accuracy) { return mean(entries(accuracy.rows())); }

double mean_forgetting_over_all_entries(const AccuracyMatrix& accuracy) { return mean(entries(forgetting(accuracy))); }

double mean_clipped_forgetting_over_all_entries(const AccuracyMatrix& accuracy) {
  std::vector<double> all = entries(forgetting(accuracy));
  for (double& value : all) value = std::max(value, 0.0);
  return mean(all);
}

double final_base_accuracy(const AccuracyMatrix& accuracy) {
  return accuracy.empty() ? undefined : accuracy.rows().back().front();
}

std::vector<double> diagonal(const AccuracyMatrix& accuracy) {
  std::vector<double> own;
  for (const auto& row : accuracy.rows()) own.push_back(row.back());
  return own;
}

double backward_transfer(const AccuracyMatrix& accuracy) {
  std::vector<double> changes;
  for (int u = 0; u + 1 < accuracy.steps(); ++u)
    changes.push_back(accuracy.at(accuracy.steps() - 1, u) - accuracy.at(u, u));
  return mean(changes);
}

double learning_accuracy(const AccuracyMatrix& accuracy) { return mean(diagonal(accuracy)); }

double intransigence(const AccuracyMatrix& accuracy, std::span<const double> reference) {
  std::vector<double> lacking = diagonal(accuracy);
  if (reference.size() < lacking.size()) return undefined;
  for (std::size_t t = 0; t < lacking.size(); ++t) lacking[t] = reference[t] - lacking[t];
  return mean(lacking);
}

std::vector<OldAndNew> old_and_new_per_step(const AccuracyMatrix& accuracy, std::span<const double> task_weights) {
  check_weights(accuracy.rows().size(), task_weights);
  std::vector<OldAndNew> steps;
  for (const auto& row : accuracy.rows())
    steps.push_back({weighted_mean(std::span(row).first(row.size() - 1), task_weights), row.back()});
  return steps;
}

ConfusionMatrix::ConfusionMatrix(int classes) : classes_(classes) {
  MNEME_CHECK(classes >= 0, "a confusion matrix cannot have {} classes", classes);
}

void ConfusionMatrix::add(int truth, int predicted, std::int64_t count) {
  MNEME_CHECK(truth >= 0 && truth < classes_ && predicted >= 0 && predicted < classes_,
              "label {} predicted as {}: the confusion matrix has classes 0 to {}", truth, predicted, classes_ - 1);
  if (count != 0) counts_[{truth, predicted}] += count;
}

std::int64_t ConfusionMatrix::count(int truth, int predicted) const {
  const auto found = counts_.find({truth, predicted});
  return found == counts_.end() ? 0 : found->second;
}

std::int64_t ConfusionMatrix::total() const {
  std::int64_t sum = 0;
  for (const auto& [at, count] : counts_) sum += count;
  return sum;
}

std::int64_t ConfusionMatrix::total_of(int truth) const {
  std::int64_t sum = 0;
  for (auto at = counts_.lower_bound({truth, 0}); at != counts_.end() && at->first.first == truth; ++at)
    sum += at->second;
  return sum;
}

std::vector<double> ConfusionMatrix::class_accuracies() const {
  std::vector<double> right(static_cast<std::size_t>(classes_)), all(right.size());
  for (const auto& [at, count] : counts_) {
    all[static_cast<std::size_t>(at.first)] += static_cast<double>(count);
    if (at.first == at.second) right[static_cast<std::size_t>(at.first)] = static_cast<double>(count);
  }
  for (std::size_t c = 0; c < all.size(); ++c) right[c] = all[c] > 0 ? right[c] / all[c] : undefined;
  return right;
}

double ConfusionMatrix::accuracy() const {
  std::int64_t right = 0;
  for (int c = 0; c < classes_; ++c) right += count(c, c);
  const std::int64_t all = total();
  return all ? static_cast<double>(right) / static_cast<double>(all) : undefined;
}

TaskShares shares_per_task(const ConfusionMatrix& confusion, std::span<const int> classes_per_task) {
  std::vector<std::size_t> task_of;
  for (std::size_t task = 0; task < classes_per_task.size(); ++task)
    task_of.insert(task_of.end(), static_cast<std::size_t>(std::max(classes_per_task[task], 0)), task);
  MNEME_CHECK(std::ssize(task_of) == confusion.classes(), "the tasks hold {} classes, the confusion matrix {}",
              task_of.size(), confusion.classes());

  TaskShares shares{std::vector<double>(classes_per_task.size()), std::vector<double>(classes_per_task.size())};
  const auto total = static_cast<double>(confusion.total());
  for (const auto& [at, count] : confusion.counts()) {
    const double share = static_cast<double>(count) / total;
    shares.true_images[task_of[static_cast<std::size_t>(at.first)]] += share;
    shares.predicted[task_of[static_cast<std::size_t>(at.second)]] += share;
  }
  return shares;
}

}  // namespace mneme
