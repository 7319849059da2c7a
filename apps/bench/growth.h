#pragma once
// How the cost of one image grows with what a user may turn up: nothing should grow that need not.

#include <string>
#include <vector>

#include "apps/bench/measure.h"

namespace mneme {

struct GrowthPoint {
  std::string varied;  ///< "batch size", "classes", "tasks seen" or "threads"
  int value = 0;
  double seconds_per_image = 0;
  size_t peak_bytes = 0;  ///< in tensors
};

/// Varies one thing at a time around `base`, calling `done` after each point. Threads are set back at the end.
std::vector<GrowthPoint> measure_growth(const MeasureOptions& base,
                                        const std::function<void(const GrowthPoint&)>& done);

std::string csv_of(const std::vector<GrowthPoint>& points);
/// A self-contained page with one chart per thing varied.
std::string page_of(const std::vector<GrowthPoint>& points, const std::string& device);

}  // namespace mneme
