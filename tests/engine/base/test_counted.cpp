#include "engine/base/counted.h"

#include <doctest/doctest.h>

using mneme::counted;

TEST_CASE("one thing is in the singular, any other number of things in the plural") {
  CHECK(counted(1, "thread") == "1 thread");
  CHECK(counted(0, "thread") == "0 threads");
  CHECK(counted(12, "epoch") == "12 epochs");
  CHECK(counted(1, "class") == "1 class");
  CHECK(counted(2u, "class") == "2 classes");
}
