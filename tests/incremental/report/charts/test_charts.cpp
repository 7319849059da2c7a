// Tests of the charts of a report: markup, axes, PNG images, heat maps and curves.

#include "engine/base/error.h"
#include "incremental/report/charts/axis.h"
#include "incremental/report/charts/colours.h"
#include "incremental/report/charts/heat_map.h"
#include "incremental/report/charts/line_chart.h"
#include "incremental/report/charts/markup.h"
#include "incremental/report/charts/png.h"
#include "incremental/report/confusion_figure.h"
#include "incremental/report/results/key_numbers.h"
#include "incremental/report/run_figures.h"
#include "tests/incremental/report/page_checks.h"
#include "tests/incremental/report/small_run.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <string>
#include <vector>

using namespace mneme;
using namespace mneme::test;
using doctest::Approx;

namespace {

struct Chunk {
  std::string type, data;
};

std::uint32_t big_endian(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

std::vector<Chunk> chunks_of(const std::string& png) {
  REQUIRE(png.substr(0, 8) == std::string("\x89PNG\r\n\x1a\n", 8));
  std::vector<Chunk> chunks;
  for (std::size_t at = 8; at < png.size();) {
    const std::size_t length = big_endian(png, at);
    const std::string body = png.substr(at + 4, length + 4);
    CHECK(crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size())) ==
          big_endian(png, at + 8 + length));
    chunks.push_back({body.substr(0, 4), body.substr(4)});
    at += length + 12;
  }
  return chunks;
}

double luminance(std::uint32_t rgb) {
  const auto linear = [](std::uint32_t channel) {
    const double c = (channel & 255) / 255.0;
    return c <= .04045 ? c / 12.92 : std::pow((c + .055) / 1.055, 2.4);
  };
  return .2126 * linear(rgb >> 16) + .7152 * linear(rgb >> 8) + .0722 * linear(rgb);
}

std::uint32_t css_colour(const std::string& variables, const std::string& name) {
  const std::size_t at = variables.find(name + ":#");
  REQUIRE(at != std::string::npos);
  return static_cast<std::uint32_t>(std::stoul(variables.substr(at + name.size() + 2, 6), nullptr, 16));
}

}  // namespace

TEST_CASE("markup: text cannot leave its element or attribute") {
  CHECK(escaped("<b a=\"x\" c='y'>&</b>") == "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;&lt;/b&gt;");
  CHECK(escaped(std::string("a\0b\x1b\nc", 6)) == "ab c");
  CHECK(escaped("Ä") == "Ä");
}

TEST_CASE("markup: percent rounds, marks the undefined, and knows no negative zero") {
  CHECK(percent(.7315) == "73.2");
  CHECK(percent(.7315, 2) == "73.15");
  CHECK(percent(-.031) == "−3.1");
  CHECK(percent(-.0001) == "0.0");
  CHECK(percent(std::nan("")) == "–");
}

TEST_CASE("markup: base64 gives the values of RFC 4648") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64("\xff\xfe\xfd") == "//79");
}

TEST_CASE("an axis ends at round numbers and labels them without noise") {
  const Axis axis = round_axis(0, 3.7);
  CHECK(axis.low == 0);
  CHECK(axis.high == Approx(4));
  CHECK(axis.ticks().size() == 5);
  CHECK(round_axis(-.03, .46).text(.1) == "0.1");
  CHECK(round_axis(-.03, .46).low == Approx(-.1));
  CHECK(Axis{0, 1, .25}.place(.5, 100, 200) == Approx(150));
}

TEST_CASE("an axis of equal or undefined values still has a length") {
  for (double value : {0.0, 5.0, -3.0, 1e12}) CHECK(round_axis(value, value).high > round_axis(value, value).low);
  const Axis undefined = round_axis(std::nan(""), 1);
  CHECK(undefined.high > undefined.low);
  const Axis one = whole_number_axis(3, 3);
  CHECK(one.ticks() == std::vector{3.0});
}

TEST_CASE("a PNG holds its pixels, palette and checksums") {
  const std::vector<std::uint8_t> pixels = {0, 1, 2, 2, 1, 0};
  const std::vector<Rgb> palette = {{1, 2, 3}, {255, 0, 128}, {9, 8, 7}};
  const std::vector<Chunk> chunks = chunks_of(png_image(3, 2, pixels, palette));
  REQUIRE(chunks.size() == 4);
  CHECK(chunks[0].type == "IHDR");
  CHECK(big_endian(chunks[0].data, 0) == 3);
  CHECK(big_endian(chunks[0].data, 4) == 2);
  CHECK(chunks[0].data.substr(8) == std::string("\x08\x03\0\0\0", 5));
  CHECK(chunks[1].data == std::string("\x01\x02\x03\xff\x00\x80\x09\x08\x07", 9));
  std::string raw(8, 'x');
  uLongf size = raw.size();
  REQUIRE(uncompress(reinterpret_cast<Bytef*>(raw.data()), &size, reinterpret_cast<const Bytef*>(chunks[2].data.data()),
                     static_cast<uLong>(chunks[2].data.size())) == Z_OK);
  CHECK(raw == std::string("\0\0\1\2\0\2\1\0", 8));
  CHECK(chunks[3].type == "IEND");
}

TEST_CASE("a PNG refuses pixels that do not fit") {
  const std::vector<std::uint8_t> pixels = {0, 1, 2};
  CHECK_THROWS_AS(png_image(2, 2, pixels, std::vector<Rgb>(3)), Error);
  CHECK_THROWS_AS(png_image(3, 1, pixels, std::vector<Rgb>(2)), Error);
}

TEST_CASE("numbers in heat map cells are readable on every colour in both themes") {
  for (Theme theme : {Theme::light, Theme::dark}) {
    const std::string variables = colour_variables(theme);
    for (const char* kind : {"--heat", "--sign"})
      for (int level = 0; level < heat_levels; ++level) {
        const double fill = luminance(css_colour(variables, fmt::format("{}-{}", kind, level)));
        const double ink = luminance(css_colour(variables, fmt::format("{}-ink-{}", kind, level)));
        CAPTURE(level);
        CHECK((std::max(fill, ink) + .05) / (std::min(fill, ink) + .05) > 4.5);
      }
  }
}

TEST_CASE("amounts grow steadily darker on a light page and lighter on a dark one") {
  for (int level = 1; level < heat_levels; ++level) {
    const auto light = colour_variables(Theme::light), dark = colour_variables(Theme::dark);
    const auto at = [&](const std::string& variables, int i) {
      return luminance(css_colour(variables, fmt::format("--heat-{}", i)));
    };
    CHECK(at(light, level) < at(light, level - 1));
    CHECK(at(dark, level) > at(dark, level - 1));
  }
}

TEST_CASE("a heat map prints every entry of the triangle once, with words for the mouse") {
  HeatMap map{.title = "Accuracy", .x_label = "x", .y_label = "y", .rows = {{.8}, {.7, .9}, {.75, .855, .6}}};
  map.hover = [](int row, int column) { return fmt::format("cell {} {}", row, column); };
  const std::string svg = draw(map);
  CHECK(occurrences(svg, "<rect") == 6);
  CHECK(contains(svg, ">85.5</text>"));
  CHECK_FALSE(contains(svg, ">0</text>"));  // rows and columns count from 1
  CHECK(occurrences(svg, ">3</text>") == 2);
  CHECK(contains(svg, "<title>cell 3 2: 85.50 %</title>"));
}

TEST_CASE("a signed heat map is neutral at zero and saturates at its limit") {
  HeatMap map{.title = "f", .x_label = "", .y_label = "", .rows = {{0.0}, {.5, -.5}, {9, -9, 0}}};
  map.is_signed = true;
  map.limit = .5;
  const std::string svg = draw(map);
  CHECK(occurrences(svg, "class=sign-10 ") == 2);
  CHECK(occurrences(svg, "class=sign-20 ") == 2);
  CHECK(occurrences(svg, "class=sign-0 ") == 2);
}

TEST_CASE("a long curve is thinned but keeps its spike and its interruptions") {
  LineChart chart;
  chart.title = "loss";
  chart.x = {0, 10000, 1000};
  chart.y = {0, 10, 1};
  Curve& curve = chart.curves.emplace_back();
  for (int i = 0; i < 10000; ++i) curve.points.push_back({static_cast<double>(i), i == 4321 ? 10.0 : 1.0, ""});
  curve.points[7000].y = std::nan("");
  const std::string svg = draw(chart);
  const std::size_t begin = svg.find(" d=\"M") + 4;
  const std::string path = svg.substr(begin, svg.find('"', begin) - begin);
  CHECK(occurrences(path, "L") < 1300);
  CHECK(occurrences(path, "M") == 2);
  CHECK(occurrences(path, " 14L") == 1);  // 14: the upper edge of the drawing
}

TEST_CASE("values that are not finite leave no trace in a drawing") {
  RunResult run = small_run();
  run.epochs[1].loss = std::nan("");
  run.epochs[2].loss = std::numeric_limits<double>::infinity();
  run.epochs[3].validation_accuracy.reset();
  const std::string svg = loss_figure(run) + validation_figure(run) + forgetting_per_step_figure(run);
  CHECK_FALSE(contains(svg, "nan"));
  CHECK_FALSE(contains(svg, "inf"));
}
