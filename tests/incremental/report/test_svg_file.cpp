#include "incremental/report/charts/svg_file.h"

#include <doctest/doctest.h>

#include "engine/base/error.h"
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

TEST_CASE("a legend of long names takes as many rows as it needs") {
  LineChart chart;
  const auto with_curves = [&](size_t count, size_t letters) {
    chart.curves.assign(count, {std::string(letters, 'x'), "var(--order-0)", {{0, 1, "first"}}});
    return legend_rows(chart, 700);
  };
  const LegendRows rows = with_curves(5, 40);  // each entry is 32 + 40 * 6.5 + 16 wide
  CHECK(rows.height == 3 * 18);
  for (const char* place : {"(0 0)", "(308 0)", "(0 18)", "(308 18)", "(0 36)"})
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
