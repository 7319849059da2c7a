#include "incremental/report/charts/svg_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <regex>

#include "engine/base/suggest.h"
#include "incremental/report/charts/markup.h"
#include "incremental/report/charts/page_style.h"
#include "incremental/report/charts/plot_frame.h"

namespace mneme {
namespace {

constexpr double title_room = 34, around_legend = 12;
constexpr double tick_font = 12.5;        // units, as in the style sheet
constexpr double points_per_unit = 0.75;  // of a figure without a width and a font: CSS's pixels
constexpr double usual_font_size = 8;     // points, of a figure with a width
constexpr double points_per_millimetre = 72 / 25.4;
constexpr double least_panel = 240, least_height = 210;  // units, for a chart to be readable
constexpr double height_of_width = 330.0 / 560;

/// How large a figure is: in units, and a unit in points.
struct Sizes {
  double width, points;
};

/// `natural` is the width on a page, in units.
Sizes scale_of(const FigureStyle& style, double natural) {
  const double font = style.font_size > 0 ? style.font_size : style.width > 0 ? usual_font_size : 0;
  const double points = font > 0 ? font / tick_font : points_per_unit;
  return {style.width > 0 ? style.width * points_per_millimetre / points : natural, points};
}

const Palette& palette_called(const std::string& name) {
  std::vector<std::pair<const char*, const Palette*>> all;
  for (const Palette& palette : palettes()) all.push_back({palette.name, &palette});
  return *choose_by_name("palette", name, all);
}

std::string document(const std::string& content, double width, double height, double points, const FigureStyle& style) {
  const std::string dark =
      style.follows_theme
          ? fmt::format("@media screen and (prefers-color-scheme:dark){{:root{{{}}}}}", page_variables(Theme::dark))
          : "";
  const std::string light = page_variables(Theme::light) + palette_called(style.palette).variables();
  const std::string rules = with_colours(chart_style() + ".page{fill:var(--page)}", light, style.follows_theme);
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" width=\"{:.2f}pt\" height=\"{:.2f}pt\" "
      "font-family=\"Helvetica, Arial, 'Liberation Sans', sans-serif\"><style>{}</style>"
      "<rect class=\"page\" width=\"100%\" height=\"100%\"/>{}</svg>\n",
      coordinate(width), coordinate(height), width * points, height * points,
      escaped((style.follows_theme ? ":root{" + light + "}" + dark : "") + rules),
      with_colours(with_quoted_attributes(content), light, style.follows_theme));
}

std::string moved(double x, double y, const std::string& drawing) {
  return fmt::format("<g transform=\"translate({} {})\">{}</g>", coordinate(x), coordinate(y), drawing);
}

/// A title in the middle of a drawing of this width, in smaller letters if it would not fit.
std::string title_at(double width, const std::string& title) {
  constexpr double usual = 13, letter = 0.56, margin = 8;  // the font of labels; a letter's width as a share of it
  const double most = (width - margin) / (letter * static_cast<double>(std::max<std::size_t>(1, title.size())));
  return fmt::format("<text class=label x={} y=22 text-anchor=middle{}>{}</text>", coordinate(width / 2),
                     most < usual ? fmt::format(" style=\"font-size:{}px\"", coordinate(most)) : "", escaped(title));
}

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

std::string with_colours(const std::string& svg, const std::string& variables, bool keeps_variables) {
  static const std::regex declaration(R"((--[a-z0-9-]+):([^;]*);)"), use(R"(([a-z-]+):var\((--[a-z0-9-]+)\))");
  std::map<std::string, std::string> values;
  for (std::sregex_iterator it(variables.begin(), variables.end(), declaration), end; it != end; ++it)
    values[(*it)[1]] = (*it)[2];
  std::string out;
  auto copied = svg.begin();
  for (std::sregex_iterator it(svg.begin(), svg.end(), use), end; it != end; ++it) {
    const auto value = values.find((*it)[2]);
    if (value == values.end()) continue;
    out.append(copied, svg.begin() + it->position());
    out += fmt::format("{}:{}", (*it)[1].str(), value->second);
    if (keeps_variables) out += ";" + it->str();
    copied = svg.begin() + it->position() + it->length();
  }
  return out.append(copied, svg.end());
}

std::string svg_file(std::span<const LineChart> charts, const FigureStyle& style) {
  MNEME_CHECK(!charts.empty(), "there is no chart to draw");
  const Sizes scale = scale_of(style, ChartSize().width * static_cast<double>(charts.size()));
  MNEME_CHECK(scale.width >= least_panel,
              "a figure {:g} mm wide has no room for a chart with letters of {:g} pt; make it wider or the letters "
              "smaller",
              style.width, style.font_size);
  const auto columns =
      std::min(charts.size(), static_cast<size_t>(std::max(1.0, std::floor(scale.width / least_panel))));
  const size_t rows = (charts.size() + columns - 1) / columns;
  const double width = scale.width / static_cast<double>(columns), above = style.has_titles ? title_room : 4;
  const ChartSize size{width, std::max(least_height, height_of_width * width)};
  const LineChart& fullest =
      *std::ranges::max_element(charts, {}, [](const LineChart& chart) { return chart.curves.size(); });
  const LegendRows legend = legend_rows(fullest, scale.width - PlotFrame().left);

  std::string panels;
  for (size_t i = 0; i < charts.size(); ++i) {
    LineChart chart = charts[i];
    chart.size = size;
    const std::string title = style.has_titles ? title_at(width, chart.title) : "";
    panels += moved(width * static_cast<double>(i % columns), (above + size.height) * static_cast<double>(i / columns),
                    title + moved(0, above, drawing_of(chart)));
  }
  const double legend_top = (above + size.height) * static_cast<double>(rows);
  panels += moved(PlotFrame().left, legend_top + around_legend / 2, legend.drawing);
  return document(panels, scale.width, legend_top + legend.height + around_legend, scale.points, style);
}

std::string svg_file(const RankDiagram& diagram, const FigureStyle& style) {
  const Sizes scale = scale_of(style, diagram.width);
  MNEME_CHECK(scale.width >= least_panel,
              "a figure {:g} mm wide has no room for a diagram with letters of {:g} pt; make it wider or the letters "
              "smaller",
              style.width, style.font_size);
  RankDiagram resized = diagram;
  resized.width = scale.width;
  const double above = style.has_titles ? title_room : 4;
  const std::string title = style.has_titles ? title_at(scale.width, diagram.title) : "";
  return document(title + moved(0, above, drawing_of(resized)), scale.width, size_of(resized).height + above,
                  scale.points, style);
}

}  // namespace mneme
