#include "engine/base/work_count.h"

#include <doctest/doctest.h>

#include "engine/base/choice_log.h"

namespace mneme::test {
namespace {

TEST_CASE("work is counted by its kind with its bytes, and pieces that state none are counted apart") {
  const WorkCount before = work_count();
  count_work("test: sums", 12);
  count_work("test: sums", 30);
  count_work("test: maps", bytes_unstated);
  const WorkCount more = work_between(before, work_count());
  CHECK(more == WorkCount{{"test: maps", {1, 1, 0}}, {"test: sums", {2, 0, 42}}});
  CHECK(total(more) == WorkOfKind{3, 1, 42});
  CHECK(work_between(work_count(), work_count()).empty());
}

TEST_CASE("choices are kept in their order") {
  const size_t before = choices_noted().size();
  note_choice("this: the first");
  note_choice("that: the second");
  const std::vector<std::string> all = choices_noted();
  REQUIRE(all.size() == before + 2);
  CHECK(all[before] == "this: the first");
  CHECK(all[before + 1] == "that: the second");
}

}  // namespace
}  // namespace mneme::test
