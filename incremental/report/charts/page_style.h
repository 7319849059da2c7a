#pragma once
// The style sheet of all pages: light and dark theme, screen and paper, without external files.

#include <string>

#include "incremental/report/charts/colours.h"

namespace mneme {

/// The content of the page's style element.
std::string page_style();

/// The rules of it that charts need.
std::string chart_style();

/// The custom properties that the rules refer to, with their values in one theme: "--ink:#17202a;--series-0:...".
std::string page_variables(Theme theme);

}  // namespace mneme
