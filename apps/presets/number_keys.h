#pragma once
// The names that published numbers have in summary.json.

namespace mneme::keys {

inline constexpr const char* average = "average_incremental_accuracy_task_agnostic";
inline constexpr const char* top5_average = "average_incremental_top5_accuracy_task_agnostic";
inline constexpr const char* final_agnostic = "final_accuracy_task_agnostic";
inline constexpr const char* final_aware = "final_accuracy_task_aware";
inline constexpr const char* final_base = "final_base_accuracy_task_agnostic";
inline constexpr const char* all_entries = "mean_over_all_entries_task_aware";
inline constexpr const char* forgetting = "mean_clipped_forgetting_over_all_entries_task_aware";
inline constexpr const char* steps_aware = "accuracy_per_step_task_aware";
inline constexpr const char* steps_agnostic = "accuracy_per_step_task_agnostic";
inline constexpr const char* steps_top5 = "top5_accuracy_per_step_task_agnostic";
inline constexpr const char* steps_forgetting = "mean_forgetting_per_step_task_aware";

}  // namespace mneme::keys
