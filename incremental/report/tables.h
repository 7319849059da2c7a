#pragma once
// The tables of a report. All texts are escaped.

#include "incremental/report/key_numbers.h"

#include <span>
#include <string>
#include <vector>

namespace mneme {

/// Name, both values, formula and users of every average.
std::string numbers_table(const std::vector<KeyNumber>& numbers);

/// Theirs, ours, difference in points. The difference is left out while the run is incomplete. Throws Error for a
/// published number whose key is unknown.
std::string published_table(const std::vector<PublishedNumber>& published, const std::vector<KeyNumber>& ours,
                            bool complete);

/// The most frequent mistakes after the last task.
std::string mistakes_table(const RunResult& run);

/// Settings as rows of dotted names and values.
std::string settings_table(const nlohmann::json& settings);

}  // namespace mneme
