#pragma once
// Confusion matrices as tables.

#include <string>
#include <string_view>

#include "incremental/protocol/class_labels.h"
#include "incremental/protocol/metrics.h"

namespace mneme {

/// The counts as a table: a line per true class with its place in the order of learning, its name and its label in the
/// data set, and a column per predicted class. Beyond 1000 classes each line is a true class, a predicted class, each
/// with name and label, and their count, if it is not 0.
std::string confusion_csv(const ConfusionMatrix& confusion, const ClassLabels& labels);

/// The counts in a text that confusion_csv() wrote, or an older version, whose tables have no names. Throws Error,
/// which begins with `name`, for other texts and for another number of classes.
ConfusionMatrix parse_confusion(std::string_view csv, const std::string& name, int classes);

}  // namespace mneme
