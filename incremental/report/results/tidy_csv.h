#pragma once
// All numbers of several runs as one table of CSV, in the long form that pandas, R's tidyverse and databases read: one
// value per line.

#include <span>
#include <string>

#include "incremental/report/results/run_groups.h"

namespace mneme {

/// CSV (RFC 4180, with a line of names) with a line per run, task, metric and kind of prediction:
///   run, label, method, data_set, seed, protocol, data_id, tasks_planned   which run, and in which group
///   after_task    the task after which was measured, from 1; empty for averages over a whole run
///   on_task       the task that was tested, from 1; empty where all classes seen were
///   classes_seen  the classes learned until then; empty with after_task
///   metric        accuracy, forgetting, or the name of an average in summary.json without its suffix
///   prediction    task-agnostic or task-aware
///   value         a fraction of 1 in full precision
/// Values that are not defined are left out. `forgetting` without on_task is the mean over the earlier tasks.
std::string tidy_csv(std::span<const RunGroup> groups);

}  // namespace mneme
