#pragma once
// The colours of all pictures, for light and dark pages. Chosen to stay apart for colour-blind readers: separate
// series after Okabe and Ito, ordered series from viridis, amounts from white to blue, signed amounts blue to orange.

#include <cstdint>
#include <string>
#include <vector>

namespace mneme {

struct Rgb {
  std::uint8_t red = 0, green = 0, blue = 0;
};

enum class Theme { light, dark };
enum class Scale { amount, signed_amount, order };

/// The colour at `position` in [0, 1] of a scale. `signed_amount` is neutral at 0.5.
Rgb colour_at(Scale scale, Theme theme, double position);

/// Cells of a heat map take one of this many colours; odd, so that a signed scale has a middle.
constexpr int heat_levels = 21;

/// CSS custom properties of one theme: --series-0.. (separate), --heat-N and --heat-ink-N (amounts with readable
/// text), --sign-N and --sign-ink-N.
std::string colour_variables(Theme theme);

/// Rules .heat-N, .sign-N (fill) and .heat-ink-N, .sign-ink-N (text fill) over those properties.
std::string colour_rules();

constexpr int separate_colours = 6;

/// "var(--series-2)"
std::string series_colour(int index);

/// A colour for item `index` of `count` ordered ones, as CSS that follows the theme.
std::string ordered_colour(int index, int count);

}  // namespace mneme
