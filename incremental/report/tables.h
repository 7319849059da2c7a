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

/// Ours minus theirs in points. An unfinished run has none. A run that departs from its preset has no comparable one,
/// and neither has a preset whose row is known to be measured by something else; the text says so.
std::string difference_text(const RunResult& run, double ours, const PublishedNumber& theirs);

/// Where a number is printed, and how far the run's preset repeats it. Escaped for HTML.
std::string source_text(const PublishedNumber& number);

/// The most frequent mistakes after the last task.
std::string mistakes_table(const RunResult& run);

/// The names of the classes of every task, planned ones included.
std::string tasks_table(const RunResult& run);

/// Settings as rows of path and value.
std::string settings_table(const nlohmann::json& settings);

}  // namespace mneme
