#pragma once
// Measures how the cost of one image grows with the settings that a user may raise. A cost that grows without need is a
// fault.

#include <string>
#include <vector>

#include "apps/bench/measure.h"

namespace mneme {

struct GrowthPoint {
  std::string varied;  ///< "batch size", "classes", "tasks seen" or "threads"
  int value = 0;
  double seconds_per_image = 0;
  size_t peak_bytes = 0;  ///< the most bytes that tensors held at one time
};

/// Measures `base` with one setting changed at a time, and calls `done` after each point. The number of threads is
/// restored at the end.
std::vector<GrowthPoint> measure_growth(const MeasureOptions& base,
                                        const std::function<void(const GrowthPoint&)>& done);

std::string csv_of(const std::vector<GrowthPoint>& points);
/// A self-contained HTML page with one chart for each setting that was varied.
std::string page_of(const std::vector<GrowthPoint>& points, const std::string& device);

}  // namespace mneme
