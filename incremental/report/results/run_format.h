#pragma once
// The version of a run's files, which run.json states as "format".

#include <nlohmann/json.hpp>

namespace mneme {

/// The format that is written: 2. Files of format 1 count tasks from 0, and their run.json has no entry "format".
/// Since format 2 tasks are counted from 1 in every file, column and name.
inline constexpr int run_format = 2;

/// The number of the first task in the files of a run with this run.json.
inline int first_task_number(const nlohmann::json& settings) {
  const auto format = settings.is_object() ? settings.find("format") : settings.end();
  return format != settings.end() && format->is_number() && *format >= 2 ? 1 : 0;
}

}  // namespace mneme
