#include "incremental/report/confusion_figure.h"

#include "incremental/report/charts/colours.h"
#include "incremental/report/charts/markup.h"
#include "incremental/report/charts/plot_frame.h"
#include "incremental/report/charts/png.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>
#include <numeric>

namespace mneme {
namespace {

constexpr double width = 560, top = 8, left_of_numbers = 54, right_of_cells = 76;
constexpr double scale_distance = 18, scale_width = 14;
constexpr std::size_t most_letters = 18;  // of a class's name
constexpr double letter_width = 0.58;     // of a usual letter, as a share of the font size
constexpr double slant = 40;              // of long names below the matrix, in degrees
constexpr int most_pixels = 500, most_named_classes = 20;
constexpr int shades = 256;
constexpr std::size_t most_hover_tasks = 25;
constexpr std::size_t most_ruled_tasks = 40;  // with more tasks, boundary lines would hide the image

/// Letters of a text in UTF-8.
std::size_t letters_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// At most most_letters letters, the last one a dot if some are missing.
std::string cut(const std::string& name) {
  std::size_t letters = 0, at = 0;
  for (; at < name.size(); ++at) {
    if ((static_cast<unsigned char>(name[at]) & 0xC0) == 0x80) continue;
    if (letters++ == most_letters - 1 && letters_of(name) > most_letters) return name.substr(0, at) + "…";
  }
  return name;
}

/// Where the parts of the figure lie. The cells leave room for the names of few classes; many have numbers.
struct Layout {
  std::vector<std::string> names;  ///< ticks of few classes; empty: task boundaries are numbered
  double font = 0;                 ///< of names and counts
  double left = left_of_numbers, side = width - left_of_numbers - right_of_cells;
  bool slanted = false;    ///< names below the matrix are too long to lie side by side
  double below_cells = 0;  ///< room that slanted names take below the matrix, beyond that of numbers

  Layout(int classes, const std::vector<std::string>& class_names) {
    if (classes > most_named_classes) return;
    font = std::min(11.0, 0.45 * side / classes);
    double longest = 0;
    for (std::size_t c = 0; c < static_cast<std::size_t>(classes); ++c) {
      names.push_back(c < class_names.size() ? cut(class_names[c]) : fmt::format("{}", c));
      longest = std::max(longest, letter_width * font * static_cast<double>(letters_of(names.back())));
    }
    left = std::max(left, longest + 32);
    side = width - left - right_of_cells;
    slanted = longest > 0.9 * side / classes;
    if (slanted) below_cells = std::max(0.0, longest * std::sin(slant * std::numbers::pi / 180) + font - 8);
  }
  double bottom() const { return top + side; }
  double scale_left() const { return left + side + scale_distance; }
};

/// Counts on a grid of at most most_pixels per side.
struct Grid {
  int side = 1;
  std::vector<std::int64_t> counts;
  std::int64_t highest = 0;

  explicit Grid(const ConfusionMatrix& confusion) {
    const int classes = confusion.classes(), per_pixel = (classes + most_pixels - 1) / most_pixels;
    side = (classes + per_pixel - 1) / per_pixel;
    counts.assign(static_cast<std::size_t>(side) * static_cast<std::size_t>(side), 0);
    for (const auto& [at, count] : confusion.counts())
      counts[static_cast<std::size_t>(at.first / per_pixel * side + at.second / per_pixel)] += count;
    highest = *std::max_element(counts.begin(), counts.end());
  }

  /// The position of a count on the colour scale: log(1 + x), scaled to 1 at the highest count.
  double position(double count) const {
    return highest ? std::log1p(count) / std::log1p(static_cast<double>(highest)) : 0;
  }
};

std::string picture(const Grid& grid, const Layout& layout, Theme theme) {
  std::vector<std::uint8_t> pixels;
  pixels.reserve(grid.counts.size());
  for (std::int64_t count : grid.counts)
    pixels.push_back(static_cast<std::uint8_t>(std::lround((shades - 1) * grid.position(static_cast<double>(count)))));
  std::vector<Rgb> palette;
  for (int shade = 0; shade < shades; ++shade)
    palette.push_back(colour_at(Scale::amount, theme, shade / (shades - 1.0)));
  return fmt::format(
      "<image class=\"only-{}\" x={} y={} width={side} height={side} preserveAspectRatio=none "
      "href=\"data:image/png;base64,{}\" />",
      theme == Theme::light ? "light" : "dark", coordinate(layout.left), top,
      base64(png_image(grid.side, grid.side, pixels, palette)), fmt::arg("side", coordinate(layout.side)));
}

std::vector<int> boundaries(std::span<const int> classes_per_task) {
  std::vector<int> at(classes_per_task.size() + 1, 0);
  std::partial_sum(classes_per_task.begin(), classes_per_task.end(), at.begin() + 1);
  return at;
}

void append_boundaries(std::string& out, const std::vector<int>& at, const Layout& layout) {
  const double left = layout.left, side = layout.side, per_class = side / at.back();
  double labelled = -100;  // position of the last label, so that labels of small tasks do not overlap
  for (int boundary : at) {
    const double offset = boundary * per_class;
    if (at.size() - 1 <= most_ruled_tasks)
      fmt::format_to(std::back_inserter(out),
                     "<line class=rule x1={x} x2={x} y1={} y2={} /><line class=rule x1={} x2={} y1={y} y2={y} />", top,
                     coordinate(top + side), coordinate(left), coordinate(left + side),
                     fmt::arg("x", coordinate(left + offset)), fmt::arg("y", coordinate(top + offset)));
    if (!layout.names.empty() || offset - labelled < 26) continue;
    labelled = offset;
    fmt::format_to(
        std::back_inserter(out),
        "<text class=tick x={} y={} text-anchor=middle>{b}</text><text class=tick x={} y={} text-anchor=end>{b}</text>",
        coordinate(left + offset), coordinate(top + side + 16), coordinate(left - 7), coordinate(top + offset + 4),
        fmt::arg("b", boundary));
  }
}

/// A name for every row and column, and the counts in the cells.
void append_classes(std::string& out, const ConfusionMatrix& confusion, const Grid& grid, const Layout& layout) {
  const double cell = layout.side / confusion.classes(), letters = layout.font, left = layout.left;
  for (int c = 0; c < confusion.classes(); ++c) {
    const double middle = (c + 0.5) * cell, below = layout.bottom() + (layout.slanted ? 10 : 6 + letters);
    const std::string name = escaped(layout.names[static_cast<std::size_t>(c)]);
    fmt::format_to(
        std::back_inserter(out),
        "<text class=tick x={} y={} text-anchor=end style=\"font-size:{f}px\">{n}</text>"
        "<text class=tick transform=\"translate({} {}){}\" text-anchor={} style=\"font-size:{f}px\">{n}</text>",
        coordinate(left - 5), coordinate(top + middle + letters * 0.35),
        coordinate(left + middle + (layout.slanted ? 3 : 0)), coordinate(below),
        layout.slanted ? fmt::format(" rotate(-{})", slant) : "", layout.slanted ? "end" : "middle",
        fmt::arg("f", coordinate(letters)), fmt::arg("n", name));
  }
  for (const auto& [at, count] : confusion.counts()) {
    const bool dark = grid.position(static_cast<double>(count)) > 0.5;
    fmt::format_to(std::back_inserter(out),
                   "<text class={} x={} y={} text-anchor=middle style=\"font-size:{}px\">{}</text>",
                   dark ? "count-high" : "count-low", coordinate(left + (at.second + 0.5) * cell),
                   coordinate(top + (at.first + 0.5) * cell + letters * 0.35), coordinate(letters), count);
  }
}

/// Images per pair (task of the true class, task of the prediction).
std::vector<std::vector<std::int64_t>> blocks_of(const ConfusionMatrix& confusion, const std::vector<int>& at) {
  const std::size_t tasks = at.size() - 1;
  std::vector blocks(tasks, std::vector<std::int64_t>(tasks, 0));
  const auto task_of = [&](int label) {
    return static_cast<std::size_t>(std::upper_bound(at.begin(), at.end(), label) - at.begin() - 1);
  };
  for (const auto& [where, count] : confusion.counts()) blocks[task_of(where.first)][task_of(where.second)] += count;
  return blocks;
}

void append_hovers(std::string& out, const ConfusionMatrix& confusion, const std::vector<int>& at,
                   const Layout& layout) {
  if (at.size() - 1 > most_hover_tasks) return;
  const double left = layout.left, per_class = layout.side / at.back();
  const auto blocks = blocks_of(confusion, at);
  for (std::size_t t = 0; t < blocks.size(); ++t) {
    const auto images = static_cast<double>(std::accumulate(blocks[t].begin(), blocks[t].end(), std::int64_t{0}));
    for (std::size_t p = 0; p < blocks.size(); ++p)
      fmt::format_to(std::back_inserter(out),
                     "<rect class=hover x={} y={} width={} height={}><title>images of task {} predicted as task {}: {} "
                     "({} %)</title></rect>",
                     coordinate(left + at[p] * per_class), coordinate(top + at[t] * per_class),
                     coordinate((at[p + 1] - at[p]) * per_class), coordinate((at[t + 1] - at[t]) * per_class), t + 1,
                     p + 1, blocks[t][p], percent(images > 0 ? static_cast<double>(blocks[t][p]) / images : 0));
  }
}

void append_scale(std::string& out, const Grid& grid, const Layout& layout) {
  const double side = layout.side, scale_left = layout.scale_left(), step = side / heat_levels;
  for (int level = 0; level < heat_levels; ++level)
    fmt::format_to(std::back_inserter(out), "<rect class=heat-{} x={} y={} width={} height={} />", level,
                   coordinate(scale_left), coordinate(top + side - (level + 1) * step), scale_width,
                   coordinate(step + 0.3));
  const auto place = [&](std::int64_t count) { return top + side - side * grid.position(static_cast<double>(count)); };
  std::vector<std::int64_t> ticks = {0};
  for (std::int64_t power = 1; power < grid.highest; power *= 10)
    for (std::int64_t tick : {power, 3 * power})
      if (place(ticks.back()) - place(tick) > 16 && place(tick) - top > 16) ticks.push_back(tick);
  if (grid.highest > 0) ticks.push_back(grid.highest);
  for (std::int64_t tick : ticks)
    fmt::format_to(std::back_inserter(out), "<text class=tick x={} y={}>{}</text>",
                   coordinate(scale_left + scale_width + 5), coordinate(place(tick) + 4), tick);
  fmt::format_to(std::back_inserter(out), "<text class=label x={} y={} text-anchor=middle>images</text>",
                 coordinate(scale_left + 16), coordinate(top + side + 34));
}

}  // namespace

std::string confusion_figure(const ConfusionMatrix& confusion, std::span<const int> classes_per_task,
                             const ConfusionCaption& caption) {
  Grid grid(confusion);
  grid.highest = std::max(grid.highest, caption.full_scale);
  const std::vector<int> at = boundaries(classes_per_task);
  const Layout layout(confusion.classes(), caption.class_names);
  std::string drawing = picture(grid, layout, Theme::light) + picture(grid, layout, Theme::dark);
  append_boundaries(drawing, at, layout);
  if (!layout.names.empty()) append_classes(drawing, confusion, grid, layout);
  append_hovers(drawing, confusion, at, layout);
  append_scale(drawing, grid, layout);
  const double label = layout.bottom() + 37 + layout.below_cells;
  drawing +=
      axis_names("predicted class", "true class", layout.left, layout.left + layout.side, top, layout.bottom(), label);
  return figure("", drawing, width, label + 9, caption.title, caption.note);
}

std::int64_t largest_count(const ConfusionMatrix& confusion) { return Grid(confusion).highest; }

std::vector<Mistake> most_frequent_mistakes(const ConfusionMatrix& confusion, std::size_t most) {
  std::vector<Mistake> mistakes;
  for (const auto& [at, count] : confusion.counts())
    if (at.first != at.second) mistakes.push_back({at.first, at.second, count});
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const Mistake& a, const Mistake& b) { return a.count > b.count; });
  if (mistakes.size() > most) mistakes.resize(most);
  return mistakes;
}

}  // namespace mneme
