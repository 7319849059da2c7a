#include "incremental/report/charts/rank_diagram.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "incremental/report/charts/axis.h"
#include "incremental/report/charts/markup.h"

namespace mneme {
namespace {

constexpr double axis_y = 58, tick_height = 5, row_height = 20, bar_height = 7, letter_width = 7.2;
constexpr double most_label_share = 0.33;  // of the width, on each side

/// The positions of the parts of the diagram.
struct Places {
  Axis axis;
  double left, right, bars, labels;

  explicit Places(const RankDiagram& diagram) {
    std::size_t longest = 0;
    for (const auto& [name, rank] : diagram.mean_ranks) longest = std::max(longest, name.size());
    const double label =
        std::min(letter_width * static_cast<double>(longest + 6) + 12, most_label_share * diagram.width);
    axis = {1, std::max(2.0, static_cast<double>(diagram.mean_ranks.size())), 1};
    left = label;
    right = diagram.width - label;
    bars = axis_y + 10;
    labels = bars + bar_height * static_cast<double>(diagram.alike.size()) + 8;
  }
  double x(double rank) const { return axis.place(rank, left, right); }
};

std::string line(const char* css_class, double x1, double y1, double x2, double y2) {
  return fmt::format("<line class={} x1={} y1={} x2={} y2={} />", css_class, coordinate(x1), coordinate(y1),
                     coordinate(x2), coordinate(y2));
}

std::string axis_of(const Places& places) {
  std::string out = line("axis", places.left, axis_y, places.right, axis_y);
  for (const double tick : places.axis.ticks())
    out += line("axis", places.x(tick), axis_y - tick_height, places.x(tick), axis_y) +
           fmt::format("<text class=tick x={} y={} text-anchor=middle>{}</text>", coordinate(places.x(tick)),
                       coordinate(axis_y - tick_height - 5), places.axis.text(tick));
  return out;
}

/// The critical difference as a bar that begins at rank 1.
std::string critical_difference(const RankDiagram& diagram, const Places& places) {
  const double y = 26, from = places.left, to = places.x(1 + diagram.critical_difference);
  std::string out = line("axis", from, y, to, y);
  for (const double x : {from, to}) out += line("axis", x, y - 4, x, y + 4);
  return out + fmt::format("<text class=label x={} y={}>CD = {:.2f}</text>", coordinate(from), coordinate(y - 9),
                           diagram.critical_difference);
}

/// A method's line from the axis down and out to its name. The better half stands on the left, from top to bottom; the
/// other half on the right, from bottom to top, so that no lines cross.
std::string method_of(const RankDiagram& diagram, const Places& places, std::size_t i) {
  const std::size_t count = diagram.mean_ranks.size(), on_the_left = (count + 1) / 2;
  const bool is_left = i < on_the_left;
  const auto row = static_cast<double>(is_left ? i : count - 1 - i);
  const auto& [name, rank] = diagram.mean_ranks[i];
  const double x = places.x(rank), y = places.labels + row_height * row + 8;
  const double end = is_left ? places.left - 6 : places.right + 6;
  return fmt::format(
      "<path class=rank d=\"M{} {}V{}H{}\"/><text class=label x={} y={} text-anchor={}>{}<tspan class=tick dx=5>{:.2f}"
      "</tspan></text>",
      coordinate(x), coordinate(axis_y), coordinate(y), coordinate(end), coordinate(is_left ? end - 5 : end + 5),
      coordinate(y + 4), is_left ? "end" : "start", escaped(name), rank);
}

}  // namespace

ChartSize size_of(const RankDiagram& diagram) {
  const auto rows = static_cast<double>((diagram.mean_ranks.size() + 1) / 2);
  return {diagram.width, Places(diagram).labels + row_height * rows + 6};
}

std::string drawing_of(const RankDiagram& diagram) {
  const Places places(diagram);
  std::string out = axis_of(places) + critical_difference(diagram, places);
  for (std::size_t i = 0; i < diagram.mean_ranks.size(); ++i) out += method_of(diagram, places, i);
  for (std::size_t b = 0; b < diagram.alike.size(); ++b) {
    const auto [first, last] = diagram.alike[b];
    const double y = places.bars + bar_height * static_cast<double>(b);
    out += line("alike", places.x(diagram.mean_ranks[first].second) - 4, y,
                places.x(diagram.mean_ranks[last].second) + 4, y);
  }
  return out;
}

std::string draw(const RankDiagram& diagram) {
  const ChartSize size = size_of(diagram);
  return figure("", drawing_of(diagram), size.width, size.height, diagram.title, diagram.note);
}

}  // namespace mneme
