#include "incremental/report/charts/colours.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <span>

namespace mneme {
namespace {

constexpr Rgb hex(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 8 & 255),
          static_cast<std::uint8_t>(value & 255)};
}

// The colours of each list are evenly spaced along the scale.
constexpr std::array amount_light = {hex(0xf4f8fc), hex(0xc8ddf0), hex(0x8bb9de),
                                     hex(0x4a8ec6), hex(0x1f609f), hex(0x0b3566)};
constexpr std::array amount_dark = {hex(0x1b242e), hex(0x1d405e), hex(0x256592),
                                    hex(0x3f8fc4), hex(0x7fbbe3), hex(0xd8edfb)};
constexpr std::array sign_light = {hex(0x1f609f), hex(0x8bb9de), hex(0xf6f6f4), hex(0xf3b26b), hex(0xb85700)};
constexpr std::array sign_dark = {hex(0x6db3e6), hex(0x28618c), hex(0x22272d), hex(0x8a4d12), hex(0xf5a04a)};
// viridis without the end that is invisible on the page: yellow on white, violet on black
constexpr std::array order_light = {hex(0x440154), hex(0x433982), hex(0x31678e),
                                    hex(0x20918c), hex(0x36b779), hex(0x8ec320)};
constexpr std::array order_dark = {hex(0x7a6fd0), hex(0x4a8fc0), hex(0x2aa8a0),
                                   hex(0x4cc472), hex(0xa4da45), hex(0xfde725)};

constexpr std::array<Rgb, separate_colours> separate_light = {hex(0x0072b2), hex(0xd55e00), hex(0x009e73),
                                                              hex(0xb5578f), hex(0x9a7400), hex(0x5b6570)};
constexpr std::array<Rgb, separate_colours> separate_dark = {hex(0x5ab4f0), hex(0xf58b45), hex(0x35c79b),
                                                             hex(0xe39bc4), hex(0xe5b93c), hex(0xaab4be)};

std::span<const Rgb> stops(Scale scale, Theme theme) {
  const bool light = theme == Theme::light;
  switch (scale) {
    case Scale::amount: return light ? amount_light : amount_dark;
    case Scale::signed_amount: return light ? sign_light : sign_dark;
    case Scale::order: break;
  }
  return light ? order_light : order_dark;
}

std::string css(Rgb colour) { return fmt::format("#{:02x}{:02x}{:02x}", colour.red, colour.green, colour.blue); }

/// Relative luminance of sRGB, as defined by the web content accessibility guidelines.
double luminance(Rgb colour) {
  const auto linear = [](std::uint8_t channel) {
    const double c = channel / 255.0;
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
}

/// Black or white, whichever has more contrast with the background. Both have the same contrast at luminance 0.179.
const char* ink_on(Rgb background) { return luminance(background) > 0.179 ? "#000000" : "#ffffff"; }

void append_levels(std::string& out, const char* name, Scale scale, Theme theme) {
  for (int level = 0; level < heat_levels; ++level) {
    const Rgb fill = colour_at(scale, theme, level / (heat_levels - 1.0));
    fmt::format_to(std::back_inserter(out), "--{0}-{1}:{2};--{0}-ink-{1}:{3};", name, level, css(fill), ink_on(fill));
  }
}

constexpr int order_levels = 24;

// Paul Tol, "Colour schemes", SRON/EPS/TN/09-002: the scheme "bright" without its grey.
constexpr std::array<Rgb, separate_colours> tol_bright = {hex(0x4477aa), hex(0xee6677), hex(0x228833),
                                                          hex(0xccbb44), hex(0x66ccee), hex(0xaa3377)};
constexpr std::array<Rgb, separate_colours> greys = {hex(0x000000), hex(0x8c8c8c), hex(0x4d4d4d),
                                                     hex(0xb0b0b0), hex(0x262626), hex(0x6e6e6e)};

std::string series_variables(const std::array<Rgb, separate_colours>& colours) {
  std::string out;
  for (int i = 0; i < separate_colours; ++i)
    out += fmt::format("--series-{}:{};", i, css(colours[static_cast<std::size_t>(i)]));
  return out;
}

/// Series and ordered series in greys, the first of an order the lightest.
std::string grey_variables() {
  std::string out = series_variables(greys);
  for (int i = 0; i < order_levels; ++i) {
    const auto level = static_cast<std::uint8_t>(std::lround(0xb8 * (1 - i / (order_levels - 1.0))));
    out += fmt::format("--order-{}:{};", i, css({level, level, level}));
  }
  return out;
}

}  // namespace

Rgb colour_at(Scale scale, Theme theme, double position) {
  const std::span<const Rgb> along = stops(scale, theme);
  const double place = std::clamp(position, 0.0, 1.0) * static_cast<double>(along.size() - 1);
  const auto left = std::min(static_cast<std::size_t>(place), along.size() - 2);
  const double share = place - static_cast<double>(left);
  const auto mix = [share](std::uint8_t a, std::uint8_t b) {
    return static_cast<std::uint8_t>(std::lround(a + share * (b - a)));
  };
  const Rgb a = along[left], b = along[left + 1];
  return {mix(a.red, b.red), mix(a.green, b.green), mix(a.blue, b.blue)};
}

std::string colour_variables(Theme theme) {
  std::string out = series_variables(theme == Theme::light ? separate_light : separate_dark);
  for (int i = 0; i < order_levels; ++i)
    out += fmt::format("--order-{}:{};", i, css(colour_at(Scale::order, theme, i / (order_levels - 1.0))));
  append_levels(out, "heat", Scale::amount, theme);
  append_levels(out, "sign", Scale::signed_amount, theme);
  return out;
}

std::string colour_rules() {
  std::string out;
  for (const char* name : {"heat", "sign"})
    for (int level = 0; level < heat_levels; ++level)
      fmt::format_to(std::back_inserter(out), ".{0}-{1}{{fill:var(--{0}-{1})}}.{0}-ink-{1}{{fill:var(--{0}-ink-{1})}}",
                     name, level);
  return out;
}

const std::vector<Palette>& palettes() {
  static const std::vector<Palette> all = {
      {"okabe-ito", "after Okabe and Ito, as on the pages", [] { return std::string(); }},
      {"tol-bright", "Paul Tol's bright scheme", [] { return series_variables(tol_bright); }},
      {"grey", "for print without colours", grey_variables}};
  return all;
}

std::string series_colour(int index) { return fmt::format("var(--series-{})", index % separate_colours); }

std::string ordered_colour(int index, int count) {
  const double position = count > 1 ? index / (count - 1.0) : 0;
  return fmt::format("var(--order-{})", std::lround(position * (order_levels - 1)));
}

}  // namespace mneme
