#include <doctest/doctest.h>

#include <algorithm>

#include "data/splits/class_order.h"
#include "engine/base/error.h"
#include "tests/data/scratch_folder.h"

using namespace mneme;
using Ints = std::vector<int>;

namespace {

const Ints seed1993_100{68, 56, 78, 8,  23, 84, 90, 65, 74, 76, 40, 89, 3,  92, 55, 9,  26, 80, 43, 38,
                        58, 70, 77, 1,  85, 19, 17, 50, 28, 53, 13, 81, 45, 82, 6,  59, 83, 16, 15, 44,
                        91, 41, 72, 60, 79, 52, 20, 10, 31, 54, 37, 95, 14, 71, 96, 98, 97, 2,  64, 66,
                        42, 22, 35, 86, 24, 34, 87, 21, 99, 0,  88, 27, 18, 94, 11, 12, 47, 25, 30, 46,
                        62, 69, 36, 61, 7,  63, 75, 5,  32, 4,  51, 48, 73, 93, 39, 67, 29, 49, 57, 33};

const Ints seed0_100{26, 86, 2,  55, 75, 93, 16, 73, 54, 95, 53, 92, 78, 13, 7,  30, 22, 24, 33, 8,
                     43, 62, 3,  71, 45, 48, 6,  99, 82, 76, 60, 80, 90, 68, 51, 27, 18, 56, 63, 74,
                     1,  61, 42, 41, 4,  15, 17, 40, 38, 5,  91, 59, 0,  34, 28, 50, 11, 35, 23, 52,
                     10, 31, 66, 57, 79, 85, 32, 84, 14, 89, 19, 29, 49, 97, 98, 69, 20, 94, 72, 77,
                     25, 37, 81, 46, 39, 65, 58, 12, 88, 70, 87, 36, 21, 83, 9,  96, 67, 64, 47, 44};

// LUCIR's ImageNet subset: alphabetical positions of its 100 classes, sorted.
const Ints subset_1993{7,   11,  14,  44,  54,  62,  75,  77,  85,  105, 108, 123, 126, 127, 133, 142, 160,
                       174, 186, 192, 215, 219, 224, 238, 240, 260, 262, 274, 275, 279, 284, 288, 289, 303,
                       312, 323, 324, 337, 390, 391, 394, 400, 413, 419, 437, 446, 466, 470, 471, 473, 478,
                       490, 493, 494, 507, 508, 509, 512, 523, 539, 542, 548, 590, 597, 600, 622, 632, 634,
                       637, 650, 658, 665, 699, 704, 722, 730, 748, 761, 782, 783, 812, 836, 842, 850, 852,
                       856, 859, 886, 894, 906, 911, 912, 928, 959, 966, 979, 988, 989, 990, 999};

Ints first(const Ints& items, long count) { return Ints(items.begin(), items.begin() + count); }

std::string usage_message(const std::string& text, int classes = 100) {
  try {
    class_order(text, classes, 0);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("the icarl order is NumPy's shuffle by seed 1993") {
  CHECK(class_order("icarl", 100, 7) == seed1993_100);
  CHECK(order_checksum(class_order("icarl", 100, 7)) == 241896);
  CHECK(first(class_order("icarl", 1000, 7), 20) ==
        Ints{54, 7, 894, 512, 126, 337, 988, 11, 284, 493, 133, 783, 192, 979, 622, 215, 240, 548, 238, 419});
}

TEST_CASE("the shuffled order follows the run's seed, or its own") {
  CHECK(class_order("shuffled", 100, 0) == seed0_100);
  CHECK(order_checksum(class_order("shuffled", 100, 0)) == 257463);
  CHECK(class_order("shuffled", 100, 1993) == seed1993_100);
  CHECK(class_order("shuffled:1993", 100, 0) == seed1993_100);
}

TEST_CASE("the podnet order comes after a hundred shuffles of five hundred") {
  CHECK(first(class_order("podnet", 100, 0), 10) == Ints{87, 0, 52, 58, 44, 91, 68, 97, 51, 15});
}

TEST_CASE("the first hundred of a thousand, sorted, are LUCIR's ImageNet subset") {
  Ints chosen = first(numpy_order(1000, 1993), 100);
  std::sort(chosen.begin(), chosen.end());
  CHECK(chosen == subset_1993);
}

TEST_CASE("map semantics turns the list round: the label of class c is the list's entry c") {
  const Ints order = class_order("ssil", 100, 5);
  CHECK(labels_by_class(order, 100) == seed0_100);
  CHECK(order[26] == 0);
  CHECK(inverse_order(inverse_order(seed1993_100)) == seed1993_100);
}

TEST_CASE("a short order leaves classes without a label") {
  CHECK(labels_by_class(Ints{3, 1}, 5) == Ints{-1, 1, -1, 0, -1});
}

TEST_CASE("an order may be given in full, on the command line or in a file") {
  CHECK(class_order("4,0, 2", 5, 0) == Ints{4, 0, 2});
  CHECK(class_order("identity", 4, 9) == Ints{0, 1, 2, 3});
  test::ScratchFolder scratch;
  for (const char* text : {"2 1\n\n 0,\t3\r\n",
                           "\xef\xbb\xbf"
                           "2,1\r\n0,3",
                           "# 9 9\n\"2\", \"1\"\n'0' 3 \n", "2\r1\r0\r3\r"})
    CHECK(class_order(scratch.write("order.txt", text), 4, 0) == Ints{2, 1, 0, 3});
  CHECK_THROWS_WITH_AS(read_order(scratch.write("order.txt", std::string("\xff\xfe"
                                                                         "2\0",
                                                                         4)),
                                  4),
                       doctest::Contains("order.txt: is text in UTF-16"), Error);
}

TEST_CASE("impossible orders are refused with what is wrong") {
  CHECK(usage_message("1,2,1") == "class order: class 1 is listed twice; list every class at most once");
  CHECK(usage_message("1,100") == "class order: class 100 is not in this set; its classes are 0..99");
  CHECK(usage_message("-1") == "class order: class -1 is not in this set; its classes are 0..99");
  CHECK(usage_message("1-2").find("'1-2' is no class number") != std::string::npos);
  CHECK(usage_message("99999999999").find("is no class number") != std::string::npos);
  CHECK(usage_message("shuffled:x") ==
        "class order 'shuffled:x': expected shuffled:N with a seed N from 0 to 18446744073709551615");
  CHECK(usage_message("icrl").find("did you mean 'icarl'?") != std::string::npos);
  CHECK(usage_message("").find("unknown class order") != std::string::npos);
  CHECK(usage_message(" ").find("the class order is empty") != std::string::npos);
  test::ScratchFolder scratch;
  const std::string file = scratch.write("order.txt", "0 one 2");
  CHECK(usage_message(file) == file + ": 'one' is no class number; write numbers 0..99 separated by commas or spaces");
}
