#pragma once
// The parts that all pages share: frame, header, sections, layout of figures.

#include <string>

namespace mneme {

/// A self-contained HTML page without external files; its only script saves figures (page_script.h). Links to the
/// sections follow the header. `title` is escaped, `content` is HTML.
std::string page(const std::string& title, const std::string& content);

/// The header of a page. `title` is escaped, `content` is HTML.
std::string page_header(const std::string& title, const std::string& content);

/// A section of a page, whose id follows from the title. `title`, `explanation` and `content` are HTML.
std::string section(const std::string& title, const std::string& explanation, const std::string& content);

/// Places figures side by side if there is room, two in a row. `content` is HTML.
std::string side_by_side(const std::string& content);
/// A figure of several small charts, up to three in a row.
std::string small_multiples(const std::string& content);

/// A highlighted box; empty if `paragraphs` (HTML) is empty.
std::string remarks_box(const std::string& paragraphs);

/// A paragraph (HTML) that explains the accuracies.
std::string how_to_read();

}  // namespace mneme
