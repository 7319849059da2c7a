#include "incremental/report/charts/bar_chart.h"

#include "incremental/report/charts/markup.h"
#include "incremental/report/charts/plot_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace mneme {
namespace {

constexpr double filled_share = 0.76;  // of a group's width; the rest separates the groups

void append_series(std::string& out, const PlotFrame& frame, const BarSeries& series, double begin, double width) {
  fmt::format_to(std::back_inserter(out), "<g style=\"fill:{}\">", series.colour);
  for (std::size_t group = 0; group < series.values.size(); ++group) {
    const double x = static_cast<double>(group) + 1 + begin, y = frame.y(100 * series.values[group]);
    fmt::format_to(std::back_inserter(out),
                   "<rect x={} y={} width={} height={}><title>{}, task {}: {} %</title></rect>", coordinate(frame.x(x)),
                   coordinate(y), coordinate(frame.x(x + width) - frame.x(x)), coordinate(frame.floor - y),
                   escaped(series.name), group + 1, percent(series.values[group], 2));
  }
  out += "</g>";
}

std::string legend(const std::vector<BarSeries>& all) {
  std::string out = "<div class=legend>";
  for (const BarSeries& series : all)
    fmt::format_to(std::back_inserter(out),
                   "<span><svg width=14 height=12 aria-hidden=true><rect y=1 width=12 height=10 "
                   "style=\"fill:{}\"/></svg>{}</span>",
                   series.colour, escaped(series.name));
  return out + "</div>";
}

}  // namespace

std::string draw(const BarChart& chart) {
  std::size_t groups = 1;
  double highest = 0;
  for (const BarSeries& series : chart.series) {
    groups = std::max(groups, series.values.size());
    for (double value : series.values) highest = std::max(highest, 100 * value);
  }
  PlotFrame frame{whole_number_axis(1, static_cast<int>(groups)), round_axis(0, highest)};
  frame.x_axis.low = 0.5;
  frame.x_axis.high = static_cast<double>(groups) + 0.5;

  std::string drawing = frame.axes(chart.x_label, chart.y_label);
  const double width = filled_share / static_cast<double>(std::max<std::size_t>(chart.series.size(), 1));
  double begin = -filled_share / 2;
  for (const BarSeries& series : chart.series) {
    append_series(drawing, frame, series, begin, width);
    begin += width;
  }
  return figure(legend(chart.series), drawing, frame.size.width, frame.size.height, chart.title, chart.note);
}

}  // namespace mneme
