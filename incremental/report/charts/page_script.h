#pragma once
// The one script of a page.

namespace mneme {

/// JavaScript that adds "Save as SVG" to the caption of every figure. The file holds drawing and legend, with the
/// colours of the theme that the page has at that moment, and depends on no style sheet. Without JavaScript the page
/// lacks only this.
const char* page_script();

}  // namespace mneme
