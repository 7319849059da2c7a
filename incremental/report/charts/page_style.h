#pragma once
// The style sheet of a report: light and dark, screen and paper, nothing loaded from elsewhere.

#include <string>

namespace mneme {

/// The content of the page's <style>.
std::string page_style();

}  // namespace mneme
