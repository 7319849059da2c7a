#pragma once
// The confusion matrix as a picture: rows are true classes, columns predictions, brightness log(1 + images).

#include "incremental/protocol/metrics.h"

#include <span>
#include <string>
#include <vector>

namespace mneme {

inline constexpr const char* confusion_note =
    "Classes in the order they were learned; lines separate tasks. Brightness is log(1 + number of test images). A "
    "full "
    "right edge means that old classes are taken for new ones.";

struct ConfusionCaption {
  std::string title, note = {};
  std::int64_t full_scale = 0;  ///< images at the end of the colour scale; less than the largest count: that count
};

/// A <figure> with one embedded PNG per theme, task boundaries, a colour scale, and hover texts per block of two tasks.
/// Beyond 500 classes neighbouring classes share a pixel, their counts added.
std::string confusion_figure(const ConfusionMatrix& confusion, std::span<const int> classes_per_task,
                             const ConfusionCaption& caption);

/// The largest count of the picture.
std::int64_t largest_count(const ConfusionMatrix& confusion);

struct Mistake {
  int truth = 0, predicted = 0;
  std::int64_t count = 0;
};

/// The `most` largest entries off the diagonal, largest first, ties in label order.
std::vector<Mistake> most_frequent_mistakes(const ConfusionMatrix& confusion, std::size_t most);

}  // namespace mneme
