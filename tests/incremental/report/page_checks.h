#pragma once
// Checks that every page must pass, and helpers that search a page's text.

#include <doctest/doctest.h>

#include <string>

namespace mneme::test {

inline std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The page without its embedded images.
inline std::string without_pictures(std::string page) {
  for (std::size_t at; (at = page.find("data:image/png;base64,")) != std::string::npos;)
    page.erase(at, page.find('"', at) - at);
  return page;
}

/// Checks that the page needs no external file and closes every element it opens.
inline void check_self_contained(const std::string& page) {
  const std::string text = without_pictures(page);
  for (const char* outside : {"http:", "https:", "src=", "<link", "<script src", "@import", "url("}) {
    CAPTURE(outside);
    CHECK_FALSE(contains(text, outside));
  }
  for (const char* tag : {"svg", "figure", "figcaption", "section", "header", "table", "tr", "td", "th", "div", "ul",
                          "li", "p", "b", "g", "text", "title", "style"}) {
    CAPTURE(tag);
    const std::string name = tag;
    CHECK(occurrences(text, "<" + name + ">") + occurrences(text, "<" + name + " ") ==
          occurrences(text, "</" + name + ">"));
  }
}

}  // namespace mneme::test
