#pragma once
// The confusion matrix as an image: rows are true classes, columns are predictions, brightness is log(1 + images).

#include "incremental/protocol/metrics.h"

#include <span>
#include <string>
#include <vector>

namespace mneme {

/// The note under a confusion matrix.
inline constexpr const char* confusion_note =
    "Classes in the order they were learned; lines separate tasks. Brightness is log(1 + number of test images). A "
    "full "
    "right edge means that old classes are taken for new ones.";

/// The texts and the scale of a confusion figure.
struct ConfusionCaption {
  std::string title,  ///< the caption
      note = {};      ///< a sentence under it
  /// Images at the end of the colour scale; if less than the largest count, that count is used.
  std::int64_t full_scale = 0;
  /// By label; few classes get their names as ticks. Empty: numbers.
  std::vector<std::string> class_names = {};
};

/// A HTML figure with one embedded PNG per theme, task boundaries, a colour scale, and a hover text per pair of tasks.
/// Up to 20 classes are drawn with a name for each row and column and with the counts in the cells. Beyond 500 classes
/// several neighbouring classes share a pixel, and their counts are added.
std::string confusion_figure(const ConfusionMatrix& confusion, std::span<const int> classes_per_task,
                             const ConfusionCaption& caption);

/// The largest count of a pixel.
std::int64_t largest_count(const ConfusionMatrix& confusion);

/// A wrong prediction and how often it occurs.
struct Mistake {
  int truth = 0,           ///< true class
      predicted = 0;       ///< predicted class
  std::int64_t count = 0;  ///< the number of test images
};

/// The `most` largest entries outside the diagonal, the largest first; equal counts are in label order.
std::vector<Mistake> most_frequent_mistakes(const ConfusionMatrix& confusion, std::size_t most);

}  // namespace mneme
