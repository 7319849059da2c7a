#pragma once
// The tables of a report, as HTML. All texts are escaped.

#include "incremental/report/results/key_numbers.h"

#include <span>
#include <string>
#include <vector>

namespace mneme {

/// Name, both values, formula and users of every average.
std::string numbers_table(const std::vector<KeyNumber>& numbers);

/// Published value, our value and difference_text(). Throws Error if the key of a published value is unknown.
std::string published_table(const RunResult& run, const std::vector<KeyNumber>& ours);

/// Our value minus theirs in percentage points. For an unfinished run there is no difference; for a run that departs
/// from the paper's settings the text says that the difference is not comparable.
std::string difference_text(const RunResult& run, double ours, double theirs);

/// The most frequent mistakes after the last task.
std::string mistakes_table(const RunResult& run);

/// Settings as rows of path and value.
std::string settings_table(const nlohmann::json& settings);

}  // namespace mneme
