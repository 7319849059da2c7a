#pragma once
// What the classes of a run are called, for tables that people read and join with other tables.

#include <string>
#include <vector>

namespace mneme {

/// Names and labels by the place of a class in the order of learning. Either may be shorter than the classes are many.
struct ClassLabels {
  std::vector<std::string> names;  ///< names
  std::vector<int> original;       ///< labels in the data set

  /// "name,label" of the class at this place as two fields of a table; a field is empty where it is not known.
  std::string fields(size_t place) const;
};

/// The header of these two fields.
inline constexpr const char* class_label_columns = "name,original_label";

}  // namespace mneme
