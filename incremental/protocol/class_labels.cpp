#include "incremental/protocol/class_labels.h"

#include "data/files/csv.h"

namespace mneme {

std::string ClassLabels::fields(size_t place) const {
  return (place < names.size() ? csv_field(names[place]) : "") + "," +
         (place < original.size() ? std::to_string(original[place]) : "");
}

}  // namespace mneme
