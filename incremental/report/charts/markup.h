#pragma once
// Text into HTML and SVG: escaping and the few number formats the drawings share.

#include <string>
#include <string_view>

namespace mneme {

/// Safe as element content and inside quoted attributes, whatever the text holds. Control characters are dropped.
std::string escaped(std::string_view text);

/// A fraction as percent with one decimal: 0.7315 -> "73.2"; "–" when undefined. No unit: axes and labels name it.
std::string percent(double fraction, int decimals = 1);

/// "62.13", or "62.13 ± 0.45" where the deviation is defined: fractions as percent with two decimals.
std::string percent_of(double mean, double deviation);

/// A coordinate in a drawing: one decimal, no trailing zero.
std::string coordinate(double value);

/// A plain number, short: 0.1, 1e-05, 1234.
std::string number(double value);

/// Bytes as base64, for data: addresses.
std::string base64(std::string_view bytes);

}  // namespace mneme
