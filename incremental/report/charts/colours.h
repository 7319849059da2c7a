#pragma once
// The colours of all figures, for light and dark pages. They can be told apart by colour-blind readers: separate series
// use colours after Okabe and Ito, ordered series use viridis, amounts go from white to blue, signed amounts from blue
// to orange.

#include <cstdint>
#include <string>
#include <vector>

namespace mneme {

/// A colour in sRGB.
struct Rgb {
  std::uint8_t red = 0,  ///< 0 to 255
      green = 0,         ///< 0 to 255
      blue = 0;          ///< 0 to 255
};

/// The theme of the page.
enum class Theme { light, dark };
/// The kinds of colour scales.
enum class Scale { amount, signed_amount, order };

/// The colour at `position` in [0, 1] of a scale. `signed_amount` is neutral at 0.5.
Rgb colour_at(Scale scale, Theme theme, double position);

/// The number of colours in a heat map. It is odd, so that a signed scale has a middle.
constexpr int heat_levels = 21;

/// The CSS custom properties of one theme: --series-0 and so on (separate series), --heat-N and --heat-ink-N (amounts,
/// and a readable text colour on each), --sign-N and --sign-ink-N (signed amounts).
std::string colour_variables(Theme theme);

/// CSS rules .heat-N, .sign-N (fill) and .heat-ink-N, .sign-ink-N (text fill) that use those properties.
std::string colour_rules();

/// The number of colours for separate series.
constexpr int separate_colours = 6;

/// The CSS colour of series `index`, for example "var(--series-2)". After separate_colours the colours repeat.
std::string series_colour(int index);

/// The CSS colour of item `index` of `count` ordered items; it follows the theme.
std::string ordered_colour(int index, int count);

/// A choice of colours for figures in print, which replaces those of light pages.
struct Palette {
  const char* name;     ///< as flags call it
  const char* summary;  ///< what it is for, a few words
  /// The custom properties that it replaces, as colour_variables() writes them.
  std::string (*variables)();
};
/// The palettes, the usual one first.
const std::vector<Palette>& palettes();

}  // namespace mneme
