#pragma once
// In which settings two runs differ, by the names of run.json.

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace mneme {

/// Every value inside nested objects, as JSON text under its path: "training/epochs" -> "30". A list is one value.
std::map<std::string, std::string> leaves(const nlohmann::json& settings);

/// run.json without what belongs to the machine or to one seed, or repeats other settings.
nlohmann::json chosen_settings(nlohmann::json settings);

/// One setting that is not the same; "absent" where a side does not have it.
struct Difference {
  std::string name, there, here;
};
/// In the order of names.
std::vector<Difference> differences(const nlohmann::json& there, const nlohmann::json& here);

/// The first few as one text, each by `pattern`, fmt's with name, there and here: "{} is {} there and {} here". Lists
/// are cut short. Empty if there are none.
std::string few_of(const std::vector<Difference>& all, const std::string& pattern);

/// A value short enough for a sentence.
std::string shortened(const std::string& value);

}  // namespace mneme
