#include "incremental/report/charts/axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "incremental/report/charts/markup.h"

namespace mneme {
namespace {

/// The smallest of 1, 2 and 5 times a power of ten that is at least `wanted`.
double round_step(double wanted) {
  const double power = std::pow(10, std::floor(std::log10(wanted)));
  for (double factor : {1.0, 2.0, 5.0})
    if (factor * power >= wanted * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

}  // namespace

double Axis::place(double value, double from, double to) const {
  const double share = log_ticks.empty() ? (value - low) / (high - low) : std::log(value / low) / std::log(high / low);
  return from + share * (to - from);
}

std::vector<double> Axis::ticks() const {
  if (!log_ticks.empty()) return log_ticks;
  std::vector<double> at;
  const double first = std::ceil(low / step - 1e-9), last = std::floor(high / step + 1e-9);
  for (double i = first; i <= last; ++i) at.push_back(i * step);
  return at;
}

std::string Axis::text(double tick) const {
  if (!log_ticks.empty()) return fmt::format("{:g}", tick);
  const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9)));
  if (decimals > 6 || std::abs(tick) >= 1e7) return fmt::format("{:g}", tick);
  return with_minus_sign(fmt::format("{:.{}f}", tick, decimals));
}

Axis round_axis(double low, double high, int ticks) {
  if (!std::isfinite(low) || !std::isfinite(high)) return {};
  const double smallest = std::max(1e-9, 1e-6 * std::max(std::abs(low), std::abs(high)));
  if (high - low < smallest) high = low + std::max(smallest, std::abs(low) * 0.1);
  const double step = round_step((high - low) / ticks);
  return {std::floor(low / step + 1e-9) * step, std::ceil(high / step - 1e-9) * step, step};
}

Axis log_axis(std::vector<double> values) {
  if (values.size() < 2 || values.front() <= 0 || values.back() <= values.front()) return {};
  return {values.front(), values.back(), 1, std::move(values)};
}

Axis whole_number_axis(int low, int high, int max_ticks) {
  if (high <= low) return {low - 0.5, low + 0.5, 1};
  const double length = high - low;
  return {static_cast<double>(low), static_cast<double>(high), std::max(1.0, round_step(length / max_ticks))};
}

}  // namespace mneme
