#include "incremental/report/charts/markup.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>

namespace mneme {

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      case '\n':
      case '\t': out += ' '; break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) out += c;
    }
  }
  return out;
}

std::string percent(double fraction, int decimals) {
  if (!std::isfinite(fraction)) return "–";
  return with_minus_sign(fmt::format("{:.{}f}", 100 * fraction, decimals));
}

std::string with_minus_sign(const std::string& number) {
  if (!number.starts_with('-')) return number;
  const bool is_zero = number.find_first_of("123456789") == std::string::npos;
  return (is_zero ? "" : "−") + number.substr(1);
}

std::string percent_of(double mean, double deviation) {
  return percent(mean, 2) + (std::isfinite(deviation) ? " ± " + percent(deviation, 2) : "");
}

std::string coordinate(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

std::string number(double value) { return std::isfinite(value) ? fmt::format("{:.6g}", value) : "–"; }

std::string base64(std::string_view bytes) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += i + k <= bytes.size() ? letters[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

}  // namespace mneme
