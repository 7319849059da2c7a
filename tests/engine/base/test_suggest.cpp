#include <doctest/doctest.h>

#include <array>

#include "engine/base/suggest.h"

using namespace mneme;

namespace {

std::string message_of(std::string_view name) {
  constexpr std::array<std::string_view, 3> known{"finetuning", "lwf", "il-baseline"};
  try {
    fail_unknown("method", name, known);
  } catch (const UsageError& error) {
    CHECK(error.exit_code() == 2);
    return error.what();
  }
}

}  // namespace

TEST_CASE("edit distance counts insertions, deletions, replacements and swaps of neighbours") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("", "ab") == 2);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("saturday", "sunday") == 3);
  CHECK(edit_distance("icral", "icarl") == 1);
  CHECK(edit_distance("ab", "ba") == 1);
  CHECK(edit_distance("abcd", "badc") == 2);
  CHECK(edit_distance("abc", "ca") == 3);  // two swapped letters may not be changed a second time
}

TEST_CASE("an unknown name is answered with the nearest known one, or none if nothing is near") {
  CHECK(message_of("finetunning") ==
        "unknown method 'finetunning'; did you mean 'finetuning'? Known: finetuning, lwf, il-baseline");
  CHECK(message_of("lfw") == "unknown method 'lfw'; did you mean 'lwf'? Known: finetuning, lwf, il-baseline");
  CHECK(message_of("lwg") == "unknown method 'lwg'; did you mean 'lwf'? Known: finetuning, lwf, il-baseline");
  CHECK(message_of("zebra") == "unknown method 'zebra'; Known: finetuning, lwf, il-baseline");
}

TEST_CASE("of a list too long to read the nearest names are shown, in the list's order where they are equally near") {
  std::vector<std::string> names;
  for (int i = 10; i < 70; ++i) names.push_back("preset-" + std::to_string(i));
  const std::vector<std::string_view> known(names.begin(), names.end());
  CHECK(list_for("preset-4", known) ==
        "Nearest of 60: preset-14, preset-24, preset-34, preset-40, preset-41, preset-42, preset-43, preset-44, "
        "preset-45, preset-46");
  CHECK(list_for("preset-4", {"a", "b"}) == "Known: a, b");
}
