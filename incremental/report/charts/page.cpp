#include "incremental/report/charts/page.h"

#include <fmt/format.h>

#include <cctype>
#include <string_view>

#include "incremental/report/charts/markup.h"
#include "incremental/report/charts/page_script.h"
#include "incremental/report/charts/page_style.h"

namespace mneme {

namespace {

constexpr std::size_t fewest_in_contents = 3;

/// "all-averages" for "All averages".
std::string id_of(const std::string& title) {
  std::string id;
  for (const char c : title)
    if (std::isalnum(static_cast<unsigned char>(c)))
      id += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!id.empty() && id.back() != '-')
      id += '-';
  return id;
}

/// The content with links to its sections behind the header, unless the sections are few.
std::string with_contents(const std::string& content) {
  std::string links;
  std::size_t sections = 0;
  constexpr std::string_view begin = "<section id=", heading = "><h2>";
  for (std::size_t at = content.find(begin); at != std::string::npos; at = content.find(begin, at + 1)) {
    const std::size_t id = at + begin.size(), middle = content.find(heading, id), title = middle + heading.size();
    links += fmt::format("<a href=\"#{}\">{}</a>", content.substr(id, middle - id),
                         content.substr(title, content.find("</h2>", title) - title));
    ++sections;
  }
  const std::size_t end = content.find("</header>");
  if (sections < fewest_in_contents || end == std::string::npos) return content;
  const std::size_t behind = end + std::string_view("</header>").size();
  return content.substr(0, behind) + "<nav class=contents>" + links + "</nav>" + content.substr(behind);
}

}  // namespace

std::string page(const std::string& title, const std::string& content) {
  return fmt::format(
      "<!doctype html>\n<html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width, "
      "initial-scale=1\">\n<title>{}</title>\n<style>{}</style></head><body><main>\n{}"
      "<footer>Written by Mneme. This page needs no network; hover over points and cells for exact values.</footer>"
      "</main><script>{}</script></body></html>\n",
      escaped(title), page_style(), with_contents(content), page_script());
}

std::string page_header(const std::string& title, const std::string& content) {
  return fmt::format("<header><p class=eyebrow>Class-incremental learning</p><h1>{}</h1>{}</header>\n", escaped(title),
                     content);
}

std::string section(const std::string& title, const std::string& explanation, const std::string& content) {
  return fmt::format("<section id={}><h2>{}</h2><p>{}</p>{}</section>\n", id_of(title), title, explanation, content);
}

std::string side_by_side(const std::string& content) { return "<div class=pair>" + content + "</div>\n"; }

std::string small_multiples(const std::string& content) { return "<div class=\"pair small\">" + content + "</div>\n"; }

std::string remarks_box(const std::string& paragraphs) {
  return paragraphs.empty() ? "" : "<div class=remarks>" + paragraphs + "</div>";
}

std::string how_to_read() {
  return "<p>The network learned the classes task by task and was tested after each task t on every task u ≤ t. "
         "<b>Task-agnostic</b>: it chooses among all classes seen so far. <b>Task-aware</b>: it is told the image’s "
         "task and "
         "chooses among that task’s classes only, which is easier. <b>a[t,u]</b> is the accuracy on task u after task "
         "t; "
         "<b>Acc_t</b> the accuracy over all test images of tasks 1 to t; <b>forgetting f[t,u]</b> the best earlier "
         "accuracy on "
         "task u minus a[t,u]. Tasks count from 1, which is the base task.</p>\n";
}

}  // namespace mneme
