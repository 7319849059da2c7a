#include "incremental/report/charts/plot_frame.h"

#include "incremental/report/charts/markup.h"

#include <fmt/format.h>

#include <iterator>

namespace mneme {

std::string PlotFrame::axes(std::string_view x_label, std::string_view y_label, std::span<const double> rules) const {
  std::string out;
  for (double tick : y_axis.ticks())
    fmt::format_to(std::back_inserter(out),
                   "<line class=grid x1={} x2={} y1={y} y2={y} /><text class=tick x={} y={} text-anchor=end>{}</text>",
                   coordinate(left), coordinate(right), coordinate(left - 8), coordinate(y(tick) + 4),
                   y_axis.text(tick), fmt::arg("y", coordinate(y(tick))));
  for (double rule : rules)
    fmt::format_to(std::back_inserter(out), "<line class=rule x1={x} x2={x} y1={} y2={} />", coordinate(top),
                   coordinate(floor), fmt::arg("x", coordinate(x(rule))));
  for (double tick : x_axis.ticks())
    fmt::format_to(
        std::back_inserter(out),
        "<line class=axis x1={x} x2={x} y1={} y2={} /><text class=tick x={x} y={} text-anchor=middle>{}</text>",
        coordinate(floor), coordinate(floor + 4), coordinate(floor + 18), x_axis.text(tick),
        fmt::arg("x", coordinate(x(tick))));
  fmt::format_to(std::back_inserter(out), "<line class=axis x1={} x2={} y1={y} y2={y} />", coordinate(left),
                 coordinate(right), fmt::arg("y", coordinate(floor)));
  return out + axis_names(x_label, y_label, left, right, top, floor, size.height - 6);
}

std::string axis_names(std::string_view x_label, std::string_view y_label, double left, double right, double top,
                       double floor, double x_label_y) {
  return fmt::format(
      "<text class=label x={} y={} text-anchor=middle>{}</text>"
      "<text class=label transform=\"translate(13 {}) rotate(-90)\" text-anchor=middle>{}</text>",
      coordinate((left + right) / 2), coordinate(x_label_y), escaped(x_label), coordinate((top + floor) / 2),
      escaped(y_label));
}

std::string figure(std::string_view above, std::string_view drawing, double width, double height,
                   std::string_view title, std::string_view note, std::string_view css_class) {
  return fmt::format(
      "<figure>{}<svg class=\"{}\" viewBox=\"0 0 {} {}\" role=img aria-label=\"{}\">{}</svg>"
      "<figcaption><b>{}.</b> {}</figcaption></figure>\n",
      above, css_class, coordinate(width), coordinate(height), escaped(title), drawing, escaped(title), escaped(note));
}

}  // namespace mneme
