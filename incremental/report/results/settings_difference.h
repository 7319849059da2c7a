#pragma once
// The settings in which two runs differ, by their names in run.json.

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace mneme {

/// All values of nested objects as JSON text by path: "training/epochs" -> "30". A list is one value.
std::map<std::string, std::string> leaves(const nlohmann::json& settings);

/// run.json without the settings that belong to the machine or to one seed and those that follow from others.
nlohmann::json chosen_settings(nlohmann::json settings);

/// One setting with different values.
struct Difference {
  std::string name,  ///< path of the setting
      there,         ///< its value there, or "absent"
      here;          ///< its value here, or "absent"
};
/// All differences, in the order of their names.
std::vector<Difference> differences(const nlohmann::json& there, const nlohmann::json& here);

/// The first few differences as text. `pattern` is an fmt pattern for name, there and here: "{} is {} there and {}
/// here". Long lists are shortened. Empty if there are no differences.
std::string few_of(const std::vector<Difference>& all, const std::string& pattern);

/// A value shortened to fit into a sentence.
std::string shortened(const std::string& value);

}  // namespace mneme
