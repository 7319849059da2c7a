#include "incremental/report/charts/heat_map.h"

#include "incremental/report/charts/colours.h"
#include "incremental/report/charts/markup.h"
#include "incremental/report/charts/plot_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace mneme {
namespace {

constexpr double left = 46, top = 8, bottom = 44, grid_width = 496, right = 10;
constexpr double most_cell_height = 34;
constexpr double least_grid_height = 130;  // leaves room for the name of the y axis
constexpr std::size_t most_numbered_columns = 25;
constexpr std::size_t most_hover_columns = 40;  // more hover texts would make the page megabytes larger

struct Cells {
  std::size_t columns = 1, rows = 1;
  double width, height;

  explicit Cells(const HeatMap& map) : rows(std::max<std::size_t>(map.rows.size(), 1)) {
    for (const auto& row : map.rows) columns = std::max(columns, row.size());
    width = grid_width / static_cast<double>(std::max<std::size_t>(columns, 5));
    height = std::max(std::min(width * 0.8, most_cell_height), least_grid_height / static_cast<double>(rows));
  }
  double x(std::size_t column) const { return left + width * static_cast<double>(column); }
  double y(std::size_t row) const { return top + height * static_cast<double>(row); }
  double font_size() const { return std::min(13.0, width * 0.34); }
};

int level_of(const HeatMap& map, double value) {
  const double position = map.is_signed ? 0.5 + value / (2 * map.limit) : value / map.limit;
  return static_cast<int>(std::lround(std::clamp(position, 0.0, 1.0) * (heat_levels - 1)));
}

void append_cell(std::string& out, const HeatMap& map, const Cells& cells, std::size_t row, std::size_t column) {
  const double value = map.rows[row][column];
  const char* kind = map.is_signed ? "sign" : "heat";
  const int level = level_of(map, value);
  const std::string words =
      map.hover ? map.hover(static_cast<int>(row) + map.first_row, static_cast<int>(column) + map.first_column) : "";
  fmt::format_to(std::back_inserter(out), "<g><rect class={}-{} x={} y={} width={} height={} /><title>{}: {} %</title>",
                 kind, level, coordinate(cells.x(column)), coordinate(cells.y(row)), coordinate(cells.width),
                 coordinate(cells.height), escaped(words), percent(value, 2));
  if (cells.columns <= most_numbered_columns)
    fmt::format_to(std::back_inserter(out), "<text class={}-ink-{} x={} y={}>{}</text>", kind, level,
                   coordinate(cells.x(column) + cells.width / 2),
                   coordinate(cells.y(row) + cells.height / 2 + cells.font_size() * 0.36),
                   percent(value, cells.columns <= 12 ? 1 : 0));
  out += "</g>";
}

/// Cells without numbers and hover texts: one path per colour, with equal neighbours in a row joined to one rectangle.
void append_bare_cells(std::string& out, const HeatMap& map, const Cells& cells) {
  std::array<std::string, heat_levels> paths;
  for (std::size_t row = 0; row < map.rows.size(); ++row) {
    const auto& values = map.rows[row];
    for (std::size_t column = 0; column < values.size();) {
      const int level = level_of(map, values[column]);
      std::size_t end = column + 1;
      while (end < values.size() && level_of(map, values[end]) == level) ++end;
      paths[static_cast<std::size_t>(level)] +=
          fmt::format("M{} {}H{}V{}H{}Z", coordinate(cells.x(column)), coordinate(cells.y(row)),
                      coordinate(cells.x(end)), coordinate(cells.y(row + 1)), coordinate(cells.x(column)));
      column = end;
    }
  }
  for (std::size_t level = 0; level < paths.size(); ++level)
    if (!paths[level].empty())
      fmt::format_to(std::back_inserter(out), "<path class={}-{} d=\"{}\"/>", map.is_signed ? "sign" : "heat", level,
                     paths[level]);
}

/// The spacing of labels: every row and column if they fit, otherwise every second, fifth, tenth, and so on.
std::size_t label_every(std::size_t count) {
  for (std::size_t every : {1, 2, 5, 10, 20, 50})
    if (count <= 25 * every) return every;
  return 100;
}

void append_labels(std::string& out, const HeatMap& map, const Cells& cells) {
  const double floor = cells.y(cells.rows);
  for (std::size_t row = 0; row < map.rows.size(); row += label_every(cells.rows))
    fmt::format_to(std::back_inserter(out), "<text class=tick x={} y={} text-anchor=end>{}</text>",
                   coordinate(left - 7), coordinate(cells.y(row) + cells.height / 2 + 4),
                   row + static_cast<std::size_t>(map.first_row));
  for (std::size_t column = 0; column < cells.columns; column += label_every(cells.columns))
    fmt::format_to(std::back_inserter(out), "<text class=tick x={} y={} text-anchor=middle>{}</text>",
                   coordinate(cells.x(column) + cells.width / 2), coordinate(floor + 16),
                   column + static_cast<std::size_t>(map.first_column));
  out += axis_names(map.x_label, map.y_label, left, cells.x(cells.columns), top, floor, floor + 37);
}

/// The explanation of the colours for maps whose cells have no room for numbers.
std::string scale_note(const HeatMap& map, const Cells& cells) {
  if (cells.columns <= most_numbered_columns) return {};
  return fmt::format(" Colours run from {} to {}.", map.is_signed ? percent(-map.limit) : "0", percent(map.limit));
}

}  // namespace

std::string draw(const HeatMap& map) {
  const Cells cells(map);
  std::string drawing;
  if (cells.columns > most_hover_columns) {
    append_bare_cells(drawing, map, cells);
  } else {
    drawing = fmt::format("<g class=cells font-size={}>", coordinate(cells.font_size()));
    for (std::size_t row = 0; row < map.rows.size(); ++row)
      for (std::size_t column = 0; column < map.rows[row].size(); ++column)
        append_cell(drawing, map, cells, row, column);
    drawing += "</g>";
  }
  append_labels(drawing, map, cells);
  return figure("", drawing, left + grid_width + right, cells.y(cells.rows) + bottom, map.title,
                map.note + scale_note(map, cells));
}

}  // namespace mneme
