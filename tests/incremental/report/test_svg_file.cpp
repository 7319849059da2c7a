#include "incremental/report/charts/svg_file.h"

#include <doctest/doctest.h>

#include "engine/base/error.h"
#include "incremental/report/charts/colours.h"
#include "incremental/report/curves.h"
#include "incremental/report/results/stored_run.h"
#include "incremental/report/run_figures.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

TEST_CASE("bare attributes get quotes, quoted ones and texts stay as they are") {
  CHECK(with_quoted_attributes("<line class=grid x1=5 /><text y=3>a=b</text>") ==
        "<line class=\"grid\" x1=\"5\" /><text y=\"3\">a=b</text>");
  CHECK(with_quoted_attributes("<path d=\"M0 0 L=1\" class=dot>") == "<path d=\"M0 0 L=1\" class=\"dot\">");
  CHECK(with_quoted_attributes("1 = 2") == "1 = 2");
}

/// The first error in the XML; empty if it is well-formed.
std::string xml_fault(const std::string& xml) {
  std::vector<std::string> open;
  for (size_t at = 0; (at = xml.find('<', at)) != std::string::npos; ++at) {
    const size_t end = xml.find('>', at);
    if (end == std::string::npos) return "a tag without end";
    const std::string tag = xml.substr(at + 1, end - at - 1), name = tag.substr(0, tag.find_first_of(" /", 1));
    for (size_t equals = tag.find('='); equals != std::string::npos; equals = tag.find('=', equals + 1)) {
      const auto quotes = std::count(tag.begin(), tag.begin() + static_cast<long>(equals), '"');
      if (quotes % 2 == 0 && tag[equals + 1] != '"') return "an attribute without quotes: " + tag;
    }
    if (tag.starts_with('/')) {
      if (open.empty() || "/" + open.back() != tag) return "closed out of turn: " + tag;
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.push_back(name);
    }
  }
  return open.empty() ? "" : "left open: " + open.back();
}

TEST_CASE("charts side by side make one well-formed file") {
  std::vector<LineChart> charts(2);
  for (LineChart& chart : charts) {
    chart.title = "a < b & \"c\"";
    chart.x_label = "x";
    chart.x = {0, 2, 1};
    chart.y = {0, 4, 1};
    chart.rules = {1};
    chart.curves = {{"task 0", "var(--order-0)", {{0, 1, "first"}, {1, 3, "second"}, {2, 2, "third"}}}};
  }
  charts[1].curves.push_back({"task 1 of the second", "var(--order-1)", {{1, 1, "fourth"}}});
  const std::string svg = svg_file(charts);
  CHECK(xml_fault(svg) == "");
  CHECK(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1120 394\""));
  CHECK(svg.find("a &lt; b &amp; &quot;c&quot;") != std::string::npos);
  CHECK(svg.find("task 0: second") != std::string::npos);
  CHECK(svg.find(">task 1 of the second</text>") != std::string::npos);
}

std::vector<LineChart> two_charts() {
  std::vector<LineChart> charts(2);
  for (LineChart& chart : charts) {
    chart.title = "title";
    chart.x = {0, 2, 1};
    chart.y = {0, 4, 1};
    for (int i = 0; i < 2; ++i) chart.curves.push_back({"c", series_colour(i), {{0, 1, ""}, {1, 3, ""}}});
  }
  return charts;
}

TEST_CASE("colours become numbers, and the variable follows only where the reader's theme may decide") {
  const std::string variables = "--ink:#123456;--series-0:#0072b2;";
  CHECK(with_colours("a{stroke:var(--ink);fill:none}", variables, false) == "a{stroke:#123456;fill:none}");
  CHECK(with_colours("a{stroke:var(--ink)}", variables, true) == "a{stroke:#123456;stroke:var(--ink)}");
  CHECK(with_colours("style=\"color:var(--series-0)\"", variables, false) == "style=\"color:#0072b2\"");
  CHECK(with_colours("fill:var(--unknown)", variables, false) == "fill:var(--unknown)");
  FigureStyle plain;
  plain.follows_theme = false;
  CHECK(svg_file(two_charts(), plain).find("var(") == std::string::npos);
  CHECK(svg_file(two_charts(), plain).find("@media") == std::string::npos);
  CHECK(svg_file(two_charts()).find("@media screen and (prefers-color-scheme:dark)") != std::string::npos);
}

TEST_CASE("a figure is as wide as asked, with letters of the size asked, and its charts stand where they have room") {
  FigureStyle style;
  style.width = 84;  // 238.11 pt
  style.font_size = 8;
  const std::string narrow = svg_file(two_charts(), style);
  CHECK(xml_fault(narrow) == "");
  // A letter of 8 pt is 12.5 units high, so the figure is 372 units wide. Two charts of 240 stand below each other.
  CHECK(narrow.find("viewBox=\"0 0 372 ") != std::string::npos);
  CHECK(narrow.find("width=\"238.11pt\"") != std::string::npos);
  CHECK(narrow.find("translate(186 0)") == std::string::npos);
  style.width = 170;
  CHECK(svg_file(two_charts(), style).find("translate(376.5 0)") != std::string::npos);
  std::vector<LineChart> long_titles = two_charts();
  long_titles[0].title = std::string(64, 'm');
  CHECK(svg_file(long_titles, style).find("font-size:10.3px\">mmm") != std::string::npos);  // (376.5 - 8) / (0.56 * 64)
  CHECK(svg_file(two_charts(), style).find("text-anchor=\"middle\">title<") != std::string::npos);
  style.has_titles = false;
  CHECK(svg_file(two_charts(), style).find(">title<") == std::string::npos);
  style.width = 20;
  CHECK_THROWS_AS(svg_file(two_charts(), style), Error);
}

TEST_CASE("a palette replaces the colours of the curves, and an unknown one is told those that there are") {
  FigureStyle style;
  style.follows_theme = false;
  style.palette = "tol-bright";
  CHECK(svg_file(two_charts(), style).find("color:#4477aa") != std::string::npos);
  style.palette = "grey";
  const std::string grey = svg_file(two_charts(), style);
  CHECK(grey.find("color:#000000") != std::string::npos);
  CHECK(grey.find("#0072b2") == std::string::npos);
  style.palette = "gray";
  CHECK_THROWS_AS(svg_file(two_charts(), style), Error);
}

TEST_CASE("whiskers of several curves stand side by side, and those of one curve at its points") {
  LineChart chart;
  chart.x = {0, 10, 1};
  chart.y = {0, 100, 50};
  const auto with_curves = [&](int count) {
    chart.curves.clear();
    for (int i = 0; i < count; ++i) chart.curves.push_back({"c", "red", {{5, 50, "", 10}, {6, 50, "", 10}}});
    return drawing_of(chart);
  };
  CHECK(with_curves(1).find("class=whisker d=\"M303 ") != std::string::npos);  // half way from 62 to 544
  for (const char* at : {"M298 ", "M303 ", "M308 "})
    CHECK(with_curves(3).find(std::string("class=whisker d=\"") + at) != std::string::npos);
  // Ten curves share the distance of two points, 48.2 units, of which they use 0.6: 303 - 4.5 * 0.6 * 48.2 / 10.
  CHECK(with_curves(10).find("class=whisker d=\"M290 ") != std::string::npos);
}

TEST_CASE("an axis that is fitted contains every whisker, and begins with the data and not with 0") {
  const std::vector<Curve> curves = {{"c", "red", {{0, 62, "", 4}, {1, 81, "", 2}}}};
  const Axis axis = fitted_axis(curves);
  CHECK(axis.low == 55);
  CHECK(axis.high == 85);
  CHECK(axis_for(curves, 0, 100).low == 0);
}

TEST_CASE("a legend of long names takes as many rows as it needs") {
  LineChart chart;
  const auto with_curves = [&](size_t count, size_t letters) {
    chart.curves.assign(count, {std::string(letters, 'x'), "var(--order-0)", {{0, 1, "first"}}});
    return legend_rows(chart, 700);
  };
  const LegendRows rows = with_curves(5, 40);  // each entry is 32 + 40 * 7.2 + 16 wide
  CHECK(rows.height == 3 * 18);
  for (const char* place : {"(0 0)", "(336 0)", "(0 18)", "(336 18)", "(0 36)"})
    CHECK(rows.drawing.find(std::string("translate") + place) != std::string::npos);
  CHECK(with_curves(5, 4).height == 18);
  CHECK(with_curves(2, 200).height == 2 * 18);
  CHECK(with_curves(1, 4).drawing.empty());
}

TEST_CASE("a run read back from its folder draws what it drew itself") {
  ExperimentOptions o = tiny_options("lwf");
  const ResidentDataset data = tiny_data();
  const ScratchFolder scratch;
  RunFolder folder(scratch / "run");
  const RunResult run = Experiment(o, data).run(folder, {});
  const RunResult stored = stored_run(scratch / "run");
  CHECK(stored.method == "lwf");
  CHECK(stored.tasks_done() == 2);
  for (const HeadQuantity& quantity : {weight_lengths, biases, mean_logits})
    CHECK(head_levels_figure(stored, quantity) == head_levels_figure(run, quantity));
}

}  // namespace
}  // namespace mneme::test
