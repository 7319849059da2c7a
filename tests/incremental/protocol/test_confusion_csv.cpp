#include "incremental/protocol/confusion_csv.h"

#include <doctest/doctest.h>

#include "tests/support/messages.h"

namespace mneme::test {
namespace {

ConfusionMatrix filled(int classes) {
  ConfusionMatrix confusion(classes);
  confusion.add(0, classes - 1, 5);
  confusion.add(classes - 1, 0, 3);
  return confusion;
}

const ClassLabels labels{{"a, \"b\"\nc", "d"}, {7, 5}};

TEST_CASE("confusion counts come back from their table whatever classes are called, few or many") {
  for (const int classes : {2, 1001}) {
    CAPTURE(classes);
    const ConfusionMatrix confusion = filled(classes);
    CHECK(parse_confusion(confusion_csv(confusion, labels), "it", classes).counts() == confusion.counts());
    CHECK(parse_confusion(confusion_csv(confusion, {}), "it", classes).counts() == confusion.counts());
  }
}

TEST_CASE("tables of older versions, which have no names, are read as well") {
  CHECK(parse_confusion("true_class,predicted_0,predicted_1\n0,0,5\n1,3,0\n", "it", 2).counts() == filled(2).counts());
  CHECK(parse_confusion("true_class,predicted_class,images\n0,1000,5\n1000,0,3\n", "it", 1001).counts() ==
        filled(1001).counts());
}

TEST_CASE("a table of another number of classes, and lines that are none, are refused") {
  const auto refused = [](const std::string& csv) { return message_of([&] { parse_confusion(csv, "it", 2); }); };
  check_says(refused(confusion_csv(filled(3), labels)), "it: has 4 lines, and 2 classes were learned");
  check_says(refused(""), "it: has 1 lines, and 2 classes were learned");
  const std::string head = "true_class,true_name,original_label,predicted_0,predicted_1\n0,a,7,1,2\n";
  for (const char* line : {"1,b,5,3", "0,b,5,3,4", "1,b,5,3,-4", "1,b,5,3,x", "1,\"b,5,3,4"})
    check_says(refused(head + line + "\n"), "it: line 3 is none that a run writes");
}

}  // namespace
}  // namespace mneme::test
