#pragma once
// What all pages share: head, sections, pairs of pictures, foot.

#include <string>

namespace mneme {

/// A self-contained page: no scripts, nothing loaded from elsewhere. `title` is escaped, `content` is HTML.
std::string page(const std::string& title, const std::string& content);

/// The page's heading: a title, then HTML.
std::string page_header(const std::string& title, const std::string& content);

/// `title` and `explanation` are HTML.
std::string section(const std::string& title, const std::string& explanation, const std::string& content);

/// Side by side where there is room: two, or up to three of smaller pictures.
std::string side_by_side(const std::string& content);
std::string small_multiples(const std::string& content);

/// A box that catches the eye; nothing where there is nothing in it.
std::string remarks_box(const std::string& paragraphs);

/// What the accuracies mean.
std::string how_to_read();

}  // namespace mneme
