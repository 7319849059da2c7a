#include "incremental/report/charts/line_chart.h"

#include "incremental/report/charts/markup.h"
#include "incremental/report/charts/plot_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace mneme {
namespace {

constexpr double end_values_room = 34, label_height = 15;
constexpr std::size_t most_points = 600;   // per curve, about one per pixel
constexpr std::size_t most_markers = 400;  // in the whole drawing
constexpr std::size_t most_legend_entries = 12;
constexpr double most_apart = 5,
                 share_apart = 0.6;  // of curves with whiskers: units, and share of the points' distance

bool is_drawn(const CurvePoint& point) { return std::isfinite(point.x) && std::isfinite(point.y); }

using Point = std::vector<CurvePoint>::const_iterator;

/// Keeps the lowest and the highest point of a stretch, in their order, so that a spike remains visible.
void keep_extremes(std::vector<CurvePoint>& kept, Point first, Point end) {
  auto [low, high] =
      std::minmax_element(first, end, [](const CurvePoint& a, const CurvePoint& b) { return a.y < b.y; });
  if (high < low) std::swap(low, high);
  kept.push_back(*low);
  if (high != low) kept.push_back(*high);
}

/// The points of a curve, thinned to about most_points. Interruptions remain.
std::vector<CurvePoint> thinned(const std::vector<CurvePoint>& points) {
  if (points.size() <= most_points) return points;
  const auto stretch = static_cast<std::ptrdiff_t>((2 * points.size() + most_points - 1) / most_points);
  std::vector<CurvePoint> kept;
  for (Point first = points.begin(); first != points.end();) {
    const Point reach = first + std::min(stretch, points.end() - first);
    const Point end = std::find_if_not(first, reach, is_drawn);
    if (end != first) keep_extremes(kept, first, end);
    if (end != reach) kept.push_back(*end);
    first = end + (end != reach);
  }
  return kept;
}

std::string path_of(const PlotFrame& frame, const std::vector<CurvePoint>& points) {
  std::string path;
  bool pen_down = false;
  for (const CurvePoint& point : points) {
    if (is_drawn(point))
      path += fmt::format("{}{} {}", pen_down ? 'L' : 'M', coordinate(frame.x(point.x)), coordinate(frame.y(point.y)));
    pen_down = is_drawn(point);
  }
  return path;
}

/// One of four shapes, so that curves can be told apart without colour.
std::string marker(int shape, double x, double y) {
  const double r = 3.6;
  const std::string at = fmt::format("transform=\"translate({} {})\"", coordinate(x), coordinate(y));
  switch (shape % 4) {
    case 0: return fmt::format("<circle {} r={}", at, r);
    case 1: return fmt::format("<path {} d=\"M-3.3-3.3H3.3V3.3H-3.3Z\"", at);
    case 2: return fmt::format("<path {} d=\"M0-4.6L4.2 3.2H-4.2Z\"", at);
    default: return fmt::format("<path {} d=\"M0-4.6L4.6 0L0 4.6L-4.6 0Z\"", at);
  }
}

/// A vertical bar from y - deviation to y + deviation, cut off at the ends of the axis.
std::string whisker(const PlotFrame& frame, const CurvePoint& point) {
  const double low = std::max(point.y - point.deviation, frame.y_axis.low),
               high = std::min(point.y + point.deviation, frame.y_axis.high);
  return fmt::format("<path class=whisker d=\"M{} {}V{}\"/>", coordinate(frame.x(point.x)), coordinate(frame.y(low)),
                     coordinate(frame.y(high)));
}

void append_curve(std::string& out, const PlotFrame& frame, const Curve& curve, int shape, bool with_markers) {
  const std::vector<CurvePoint> points = thinned(curve.points);
  fmt::format_to(std::back_inserter(out), "<g style=\"color:{}\"><path class=curve{} d=\"{}\"/>", curve.colour,
                 curve.dashed ? " stroke-dasharray=\"6 4\"" : "", path_of(frame, points));
  for (const CurvePoint& point : points) {
    const bool alone = points.size() == 1;  // a path of one point would be invisible
    if (!is_drawn(point) || !(with_markers || alone)) continue;
    if (point.deviation > 0) out += whisker(frame, point);
    fmt::format_to(std::back_inserter(out), "{} class=dot><title>{}: {}</title></{}>",
                   marker(shape, frame.x(point.x), frame.y(point.y)), escaped(curve.name), escaped(point.hover),
                   shape % 4 == 0 ? "circle" : "path");
  }
  out += "</g>";
}

/// The smallest distance between two points of a curve, in units of the drawing; 0 if no curve has two points.
double spacing_of(const PlotFrame& frame, const std::vector<Curve>& curves) {
  double smallest = frame.right - frame.left;
  bool is_known = false;
  for (const Curve& curve : curves)
    for (std::size_t i = 1; i < curve.points.size(); ++i)
      if (const double dx = frame.x(curve.points[i].x) - frame.x(curve.points[i - 1].x); dx > 0)
        smallest = std::min(smallest, dx), is_known = true;
  return is_known ? smallest : 0;
}

/// The horizontal distance between neighbouring curves; 0 unless at least two curves have whiskers.
double distance_apart(const PlotFrame& frame, const std::vector<Curve>& curves) {
  const auto has_whiskers = [](const Curve& curve) {
    return std::ranges::any_of(curve.points, [](const CurvePoint& point) { return point.deviation > 0; });
  };
  if (std::ranges::count_if(curves, has_whiskers) < 2) return 0;
  return std::min(most_apart, share_apart * spacing_of(frame, curves) / static_cast<double>(curves.size()));
}

PlotFrame moved(PlotFrame frame, double by) {
  frame.left += by;
  frame.right += by;
  return frame;
}

/// Prints the last values next to the ends of their curves. Values that would overlap are moved apart, but not below
/// the drawing.
void append_end_values(std::string& out, const PlotFrame& frame, const std::vector<Curve>& curves) {
  struct Label {
    double y;
    std::string text, colour;
    double x;
  };
  std::vector<Label> labels;
  for (const Curve& curve : curves)
    if (!curve.points.empty() && is_drawn(curve.points.back())) {
      const CurvePoint& end = curve.points.back();
      labels.push_back({frame.y(end.y), with_minus_sign(fmt::format("{:.1f}", end.y)), curve.colour, frame.x(end.x)});
    }
  std::sort(labels.begin(), labels.end(), [](const Label& a, const Label& b) { return a.y < b.y; });
  for (std::size_t i = 1; i < labels.size(); ++i) labels[i].y = std::max(labels[i].y, labels[i - 1].y + label_height);
  double lowest = frame.floor;
  for (auto label = labels.rbegin(); label != labels.rend(); ++label, lowest -= label_height)
    label->y = std::min(label->y, lowest);
  for (const Label& label : labels)
    fmt::format_to(std::back_inserter(out), "<text class=value x={} y={} style=\"fill:{}\">{}</text>",
                   coordinate(label.x + 9), coordinate(label.y + 4), label.colour, label.text);
}

/// A sample of a curve for the legend, 26 wide and 12 high.
std::string sample(const Curve& curve, std::size_t shape) {
  return fmt::format("<path class=curve{} d=\"M1 6H25\"/>{} class=dot />",
                     curve.dashed ? " stroke-dasharray=\"6 4\"" : "", marker(static_cast<int>(shape), 13, 6));
}

/// The curves that the legend names. Many curves are an ordered family (tasks); readers can interpolate the colours
/// between two entries.
std::vector<std::size_t> legend_entries(const LineChart& chart) {
  std::vector<std::size_t> entries;
  const std::size_t count = chart.curves.size(), every = (count + most_legend_entries - 1) / most_legend_entries;
  if (count > 1)
    for (std::size_t i = 0; i < count; i += every) entries.push_back(i);
  return entries;
}

std::string legend(const LineChart& chart) {
  std::string out;
  for (const std::size_t i : legend_entries(chart))
    fmt::format_to(std::back_inserter(out),
                   "<span><svg width=26 height=12 aria-hidden=true style=\"color:{}\">{}</svg>{}</span>",
                   chart.curves[i].colour, sample(chart.curves[i], i), escaped(chart.curves[i].name));
  return out.empty() ? out : "<div class=legend>" + out + "</div>";
}

}  // namespace

LegendRows legend_rows(const LineChart& chart, double width) {
  constexpr double sample_width = 32, letter_width = 7.2, between = 16, row_height = 18;
  const std::vector<std::size_t> entries = legend_entries(chart);
  std::size_t longest = 0;
  for (const std::size_t i : entries) longest = std::max(longest, chart.curves[i].name.size());
  const double step = sample_width + letter_width * static_cast<double>(longest) + between;
  const auto columns = static_cast<std::size_t>(std::max(1.0, std::floor(width / step)));
  LegendRows out;
  for (std::size_t n = 0; n < entries.size(); ++n) {
    const Curve& curve = chart.curves[entries[n]];
    fmt::format_to(std::back_inserter(out.drawing),
                   "<g transform=\"translate({} {})\" style=\"color:{}\">{}<text x={} y=10>{}</text></g>",
                   coordinate(step * static_cast<double>(n % columns)),
                   coordinate(row_height * static_cast<double>(n / columns)), curve.colour, sample(curve, entries[n]),
                   coordinate(sample_width), escaped(curve.name));
  }
  out.height = row_height * static_cast<double>((entries.size() + columns - 1) / columns);
  return out;
}

std::string drawing_of(const LineChart& chart) {
  PlotFrame frame{chart.x, chart.y, chart.size};
  if (chart.end_values) frame.right -= end_values_room;
  std::size_t points = 0;
  for (const Curve& curve : chart.curves) points += curve.points.size();

  std::string drawing = frame.axes(chart.x_label, chart.y_label, chart.rules);
  const double apart = distance_apart(frame, chart.curves);
  const double middle = (static_cast<double>(chart.curves.size()) - 1) / 2;
  for (std::size_t i = 0; i < chart.curves.size(); ++i)
    append_curve(drawing, moved(frame, apart * (static_cast<double>(i) - middle)), chart.curves[i], static_cast<int>(i),
                 points <= most_markers);
  if (chart.end_values) append_end_values(drawing, frame, chart.curves);
  return drawing;
}

std::string draw(const LineChart& chart) {
  return figure(legend(chart), drawing_of(chart), chart.size.width, chart.size.height, chart.title, chart.note);
}

}  // namespace mneme
