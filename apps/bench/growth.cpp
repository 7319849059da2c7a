#include "apps/bench/growth.h"

#include <fmt/core.h>

#include <thread>

#include "engine/base/parallel.h"
#include "engine/device.h"
#include "incremental/report/charts/colours.h"
#include "incremental/report/charts/line_chart.h"
#include "incremental/report/charts/markup.h"
#include "incremental/report/charts/page.h"

namespace mneme {
namespace {

constexpr const char* batch_size = "batch size";
constexpr const char* classes = "classes";
constexpr const char* tasks = "tasks seen";
constexpr const char* thread_count = "threads";

/// The powers of two up to the number of processors, and that number itself.
std::vector<int> thread_counts() {
  const int all = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  std::vector<int> counts;
  for (int n = 1; n < all; n *= 2) counts.push_back(n);
  counts.push_back(all);
  return counts;
}

MeasureOptions with(MeasureOptions options, const std::string& varied, int value) {
  SessionOptions& o = options.session;
  if (varied == batch_size) o.batch_size = value;
  if (varied == classes) o.classes = value;
  if (varied == tasks) o.tasks = value;
  if (varied == thread_count) set_threads(value);
  return options;
}

std::string chart_of(const std::vector<GrowthPoint>& points, const std::string& varied) {
  LineChart chart;
  chart.title = "Time per image against " + varied;
  chart.x_label = varied;
  chart.y_label = "µs per image";
  Curve curve;
  curve.name = "time";
  curve.colour = series_colour(0);
  double slowest = 0;
  std::vector<double> values;
  for (const GrowthPoint& p : points) {
    if (p.varied != varied) continue;
    const double micro = 1e6 * p.seconds_per_image;
    curve.points.push_back({static_cast<double>(p.value), micro,
                            fmt::format("{} {}: {:.1f} µs, {} MiB", varied, p.value, micro, p.peak_bytes >> 20)});
    values.push_back(p.value);
    slowest = std::max(slowest, micro);
  }
  chart.curves.push_back(curve);
  chart.x = log_axis(values);
  if (values.size() == 1) chart.x = whole_number_axis(0, static_cast<int>(values[0]) + 1);
  chart.y = round_axis(0, slowest);
  return draw(chart);
}

}  // namespace

std::vector<GrowthPoint> measure_growth(const MeasureOptions& base,
                                        const std::function<void(const GrowthPoint&)>& done) {
  const std::vector<std::pair<std::string, std::vector<int>>> plan = {
      {batch_size, {16, 32, 64, 128, 256, 512}},
      {classes, {10, 100, 500, 1000, 5000}},
      {tasks, {base.session.teacher ? 2 : 1, 5, 10, 20, 50}},
      {thread_count, thread_counts()}};
  const int chosen_threads = threads();
  std::vector<GrowthPoint> points;
  for (const auto& [varied, values] : plan)
    for (int value : values) {
      MeasureOptions options = with(base, varied, value);
      options.steps_only = true;
      backend(options.session.device).arena().trim();
      const Measurement m = measure(options);
      points.push_back({varied, value, m.spread().median / options.session.batch_size, m.tensors.peak});
      if (done) done(points.back());
      set_threads(chosen_threads);
    }
  return points;
}

std::string csv_of(const std::vector<GrowthPoint>& points) {
  std::string out = "varied,value,microseconds_per_image,peak_tensor_bytes\n";
  for (const GrowthPoint& p : points)
    out += fmt::format("{},{},{:.2f},{}\n", p.varied, p.value, 1e6 * p.seconds_per_image, p.peak_bytes);
  return out;
}

std::string page_of(const std::vector<GrowthPoint>& points, const std::string& device) {
  std::string charts;
  for (const char* varied : {batch_size, classes, tasks, thread_count}) charts += chart_of(points, varied);
  return page("Cost growth",
              page_header("Cost of one training image", "<p>" + escaped(device) + "</p>") +
                  section("Growth", "One thing varies, the others stay; the horizontal axes are logarithmic.",
                          side_by_side(charts)));
}

}  // namespace mneme
