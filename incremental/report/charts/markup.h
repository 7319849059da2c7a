#pragma once
// Conversion to HTML and SVG text: escaping, and the number formats that the figures share.

#include <string>
#include <string_view>

namespace mneme {

/// Text that is safe as element content and inside quoted attributes. Control characters are removed.
std::string escaped(std::string_view text);

/// A fraction as percent: 0.7315 -> "73.2"; "–" for NaN. There is no unit, since axes and labels name it.
std::string percent(double fraction, int decimals = 1);

/// The text of a number with a minus sign in place of the hyphen, as in every figure: "-4.5" -> "−4.5", "-0.0" ->
/// "0.0".
std::string with_minus_sign(const std::string& number);

/// "62.13", or "62.13 ± 0.45" if the deviation is not NaN: fractions as percent with two decimals.
std::string percent_of(double mean, double deviation);

/// A coordinate of a drawing: one decimal, without a trailing zero.
std::string coordinate(double value);

/// A number in its shortest form: 0.1, 1e-05, 1234.
std::string number(double value);

/// Bytes as base64, for data: URLs.
std::string base64(std::string_view bytes);

}  // namespace mneme
