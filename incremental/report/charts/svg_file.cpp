#include "incremental/report/charts/svg_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "incremental/report/charts/markup.h"
#include "incremental/report/charts/page_style.h"
#include "incremental/report/charts/plot_frame.h"

namespace mneme {
namespace {

constexpr double title_room = 34, around_legend = 12;

}  // namespace

std::string with_quoted_attributes(std::string_view html) {
  std::string out;
  bool in_tag = false, in_quotes = false, in_value = false;
  for (size_t i = 0; i < html.size(); ++i) {
    const char c = html[i];
    if (in_value && (c == ' ' || c == '>')) out += '"', in_value = false;
    if (in_tag && c == '"') in_quotes = !in_quotes;
    if (!in_quotes && c == '<') in_tag = true;
    if (!in_quotes && c == '>') in_tag = false;
    out += c;
    const bool bare = in_tag && !in_quotes && !in_value && c == '=' && i + 1 < html.size() && html[i + 1] != '"';
    if (bare) out += '"', in_value = true;
  }
  return out;
}

std::string svg_file(std::span<const LineChart> charts) {
  const double width = PlotFrame::width * static_cast<double>(charts.size());
  const LineChart& fullest =
      *std::ranges::max_element(charts, {}, [](const LineChart& chart) { return chart.curves.size(); });
  const LegendRows legend = legend_rows(fullest, width - PlotFrame::left);
  const double legend_top = PlotFrame::height + title_room, height = legend_top + legend.height + around_legend;
  std::string panels;
  for (size_t i = 0; i < charts.size(); ++i)
    panels += fmt::format(
        "<g transform=\"translate({} 0)\"><text class=label x={} y=22 text-anchor=middle>{}</text>"
        "<g transform=\"translate(0 {})\">{}</g></g>",
        coordinate(PlotFrame::width * static_cast<double>(i)), coordinate(PlotFrame::width / 2),
        escaped(charts[i].title), coordinate(title_room), drawing_of(charts[i]));
  panels += fmt::format("<g transform=\"translate({} {})\">{}</g>", coordinate(PlotFrame::left),
                        coordinate(legend_top + around_legend / 2), legend.drawing);
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
      "font-family=\"system-ui, sans-serif\"><style>{2}</style><rect width=\"100%\" height=\"100%\" "
      "fill=\"var(--page)\"/>{3}</svg>\n",
      coordinate(width), coordinate(height), escaped(page_style()), with_quoted_attributes(panels));
}

}  // namespace mneme
