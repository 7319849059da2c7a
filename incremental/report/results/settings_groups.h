#pragma once
// Divides groups of runs into settings. Numbers compare within a setting; a method may occur in several settings.

#include <span>
#include <string>
#include <vector>

#include "incremental/report/results/run_groups.h"

namespace mneme {

/// Groups that have one protocol, one data set and the same number of tasks done, so that their numbers compare.
struct Setting {
  std::string label;                ///< what tells it apart from the other settings; empty if there is only one
  std::vector<std::size_t> groups;  ///< positions of its groups, in their order
  /// What to call each of these groups within the setting: with several settings the method alone where that is enough,
  /// and otherwise the group's own label.
  std::vector<std::string> names;
};
/// The settings of the groups, in the order of their first groups. A group that does not tell its protocol or data is a
/// setting of its own.
std::vector<Setting> settings_of(std::span<const RunGroup> groups);

/// Methods that were run in the same settings.
struct MethodsBySetting {
  std::vector<std::string> methods;                  ///< labels, in the order of the first setting
  std::vector<std::string> settings;                 ///< labels
  std::vector<std::vector<const RunGroup*>> groups;  ///< by setting, then by method
  std::vector<std::string> left_out;                 ///< methods that are missing in some of the settings
};
/// The methods that occur in all settings. A method is its name with its slots, and its options where two groups of one
/// setting share that name. The result points into `groups`.
MethodsBySetting methods_by_setting(std::span<const RunGroup> groups);

}  // namespace mneme
