#pragma once
// Measures that need more than the run's own accuracies: forward transfer, and the accuracies of a reference run.

#include <filesystem>

#include "incremental/experiment/incremental_learner.h"
#include "incremental/report/results/run_result.h"

namespace mneme {

/// By how much the features of the network, before it learns its current task, know that task better than those of an
/// untrained network: m[t-1][t] - m[0][t]. m is the task-aware share of the task's test images whose nearest class mean
/// of features is that of their class; the means are those of the task's training images. Lopez-Paz and Ranzato
/// ("Gradient Episodic Memory", NeurIPS 2017, FWT) ask the network itself, which in class-incremental learning has no
/// output for a task before it begins. Nothing is trained, and nothing that training uses changes. Throws Error in the
/// first task.
double forward_transfer(const IncrementalLearner& learner);

/// Sets reference_task_aware and reference_task_agnostic of `run`: the accuracies on each task just after it was
/// learned by the finished run in `folder`, see intransigence(). Throws Error unless that run has the same class order,
/// tasks and data.
void add_reference(RunResult& run, const std::filesystem::path& folder);

}  // namespace mneme
