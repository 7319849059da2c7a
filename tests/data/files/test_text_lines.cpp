#include "data/files/text_lines.h"

#include <doctest/doctest.h>

#include "tests/data/scratch_folder.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

using namespace std::string_view_literals;

std::string all_lines(std::string_view text) {
  std::string all;
  for_each_line(text, [&](const TextLine& line) { all += fmt::format("{}:{}|", line.number, line.text); });
  return all;
}

TEST_CASE("lines end as on any system; blanks around them and blank lines do not count, but numbers do") {
  CHECK(all_lines("a\nb") == "1:a|2:b|");
  CHECK(all_lines("a\r\nb\r\n") == "1:a|2:b|");
  CHECK(all_lines("a\rb\r") == "1:a|2:b|");
  CHECK(all_lines("\n \t\n  a b \t\n\r\n\nc") == "3:a b|6:c|");
  CHECK(all_lines("") == "");
  CHECK(all_lines("\n\r\n") == "");
}

TEST_CASE("a byte order mark is passed over, in a file that says so everywhere alike") {
  const ScratchFolder scratch;
  CHECK(text_of("\xef\xbb\xbf"
                "a",
                "x") == "a");
  const auto file = scratch.write("t.txt", "\xef\xbb\xbf one \r\n\r\ntwo");
  CHECK(read_text(file) == " one \r\n\r\ntwo");
  CHECK(read_lines(file) == std::vector<std::string>{"one", "two"});
}

TEST_CASE("what is no text in UTF-8 is called what it is") {
  const auto says = [](std::string_view bytes, const char* part) {
    check_says(message_of([&] { text_of(bytes, "list.txt"); }), part);
  };
  says(
      "\xff\xfe"
      "a\0\n\0"sv,
      "list.txt: is text in UTF-16, expected UTF-8; save it again as UTF-8");
  says("\xfe\xff\0a"sv, "is text in UTF-16");
  says("a\0b"sv, "list.txt: has zero bytes in it, expected plain text");
  says("\x89PNG\r\n\x1a\n\0\0"sv, "list.txt: is a PNG image, expected plain text");
  says("<!DOCTYPE html><html>", "list.txt: is a web page");
  says("\xef\xbb\xbf\n <HTML>", "list.txt: is a web page");
  says("version https://git-lfs.github.com/spec/v1\noid sha256:1",
       "is a pointer of Git LFS, expected plain text; fetch");
  CHECK(text_of("GIF89.png 1\n", "list.txt") == "GIF89.png 1\n");  // a file name where a list of images was expected
}

TEST_CASE("one pair of quotes is taken off") {
  CHECK(unquoted("\"a b\"") == "a b");
  CHECK(unquoted("'a'") == "a");
  CHECK(unquoted("\"a'") == "\"a'");
  CHECK(unquoted("\"") == "\"");
  CHECK(unquoted("\"\"") == "");
  CHECK(trimmed(" \t ") == "");
  CHECK(trimmed("\ta b ") == "a b");
}

}  // namespace
}  // namespace mneme::test
