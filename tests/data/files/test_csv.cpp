#include "data/files/csv.h"

#include <doctest/doctest.h>
#include <fmt/ranges.h>

#include <array>

namespace mneme::test {
namespace {

/// The rows of a table as text: "LINE: a|b|c; ...".
std::string rows_of(std::string_view text) {
  std::string all;
  CsvReader reader(text);
  for (CsvRow row; reader.next(row);)
    all += fmt::format("{}: {}; ", row.line, row.fault ? row.fault : fmt::format("{}", fmt::join(row.fields, "|")));
  return all;
}

TEST_CASE("rows are split at commas, with blanks, line ends and blank lines as people write them") {
  CHECK(rows_of("a,b\n1, 2 \r\n\n,\r3,") == "1: a|b; 2: 1|2; 4: |; 5: 3|; ");
  CHECK(rows_of("") == "");
  CHECK(rows_of("one") == "1: one; ");
}

TEST_CASE("quoted fields may hold commas, quotes and line ends, which count") {
  CHECK(rows_of("\"a,b\",\"say \"\"no\"\"\"\nc,d") == "1: a,b|say \"no\"; 2: c|d; ");
  CHECK(rows_of("x,\"two\nlines\"\ny,z") == "1: x|two\nlines; 3: y|z; ");
  CHECK(rows_of("a, \"b\" ,\"\"") == "1: a|b|; ");
  CHECK(rows_of("it's,5\" wide") == "1: it's|5\" wide; ");
}

TEST_CASE("a row that cannot be split is told of and the next ones are read") {
  CHECK(rows_of("a,\"b\"c\nd,e") == "1: text behind a quoted field; 2: d|e; ");
  CHECK(rows_of("a,b\n\"c,d\ne,f") == "1: a|b; 2: a quote that is not closed; 3: e|f; ");
}

TEST_CASE("semicolons and tabs separate where there are more of them in the first line") {
  CHECK(rows_of("a;b;c\n1,5;2;3") == "1: a|b|c; 2: 1,5|2|3; ");
  CHECK(rows_of("a\tb\n1\t") == "1: a|b; 2: 1|; ");
}

TEST_CASE("columns are found by their names in any order, or are the official ones") {
  constexpr std::array<std::string_view, 2> names{"id", "label"};
  constexpr std::array<std::string_view, 3> official{"id", "url", "label"};
  const auto found = [&](std::vector<std::string> first) {
    return find_columns({1, std::move(first), nullptr}, names, official);
  };
  const auto swapped = found({"Label", "more", "ID"});
  REQUIRE(swapped);
  CHECK(swapped->has_header);
  CHECK(swapped->at == std::vector<size_t>{2, 0});
  const auto none = found({"17", "http://x", "3"});
  REQUIRE(none);
  CHECK_FALSE(none->has_header);
  CHECK(none->at == std::vector<size_t>{0, 2});
  CHECK_FALSE(found({"id", "labels"}));
}

}  // namespace
}  // namespace mneme::test
