#pragma once
// The style sheet of all pages: light and dark theme, screen and paper, without external files.

#include <string>

namespace mneme {

/// The content of the page's style element.
std::string page_style();

}  // namespace mneme
