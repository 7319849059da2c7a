#include "data/images/diagnostics.h"

#include <doctest/doctest.h>

#include "engine/base/error.h"

namespace mneme::test {
namespace {

TEST_CASE("problems are counted by kind, the first five of each shown") {
  Diagnostics diagnostics;
  CHECK(diagnostics.empty());
  CHECK_NOTHROW(diagnostics.check("set", 0));
  for (int i = 0; i < 7; ++i) diagnostics.add_file("empty file", std::to_string(i));
  CHECK(diagnostics.text() == "7 x empty file (0, 1, 2, 3, 4, ...)");
  CHECK_NOTHROW(diagnostics.check("set", 7));
  CHECK_THROWS_WITH_AS(diagnostics.check("set", 6), doctest::Contains("set: 7 x empty"), Error);
  diagnostics.add("class without a picture", "n01\nn02");
  CHECK(diagnostics.files() == 7);
  CHECK(diagnostics.count() == 8);
  CHECK_THROWS_WITH_AS(diagnostics.check("set", 100),
                       "set: 1 x class without a picture (n01\\x0an02); 7 x empty file (0, 1, 2, 3, 4, ...); mend them",
                       Error);
  CHECK(diagnostics.list().starts_with("class without a picture\tn01\\x0an02\nempty file\t0\n"));
}

TEST_CASE("UTF-8 is told from other bytes") {
  for (const char* good : {"", "plain", "é", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"})
    CHECK(is_utf8(good));
  for (const char* bad : {"\xff", "\xc3", "\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                          "\xf0\x80\x80\x80", "\xe2\x82", "a\xf5"})
    CHECK_FALSE(is_utf8(bad));
  CHECK(printable("é\t\xff!") == "é\\x09\\xff!");
}

}  // namespace
}  // namespace mneme::test
