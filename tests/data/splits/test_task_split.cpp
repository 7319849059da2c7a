#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "data/splits/class_order.h"
#include "data/splits/task_split.h"
#include "engine/base/error.h"
#include "tests/support/messages.h"

using namespace mneme;
using Ints = std::vector<int>;

namespace {

std::string usage_message(int classes, int tasks, std::optional<int> base) {
  try {
    split_classes(classes, tasks, base);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

template <class Label>
Ints labels_for(int count, Label label) {
  Ints labels;
  for (int i = 0; i < count; ++i) labels.push_back(label(i));
  return labels;
}

int64_t checksum(const Ints& items, int64_t& k) {
  int64_t sum = 0;
  for (int i : items) sum += ++k * i;
  return sum;
}

}  // namespace

TEST_CASE("classes are dealt evenly, the first tasks taking the remainder") {
  CHECK(split_classes(100, 10) == Ints(10, 10));
  CHECK(split_classes(100, 15) == Ints{7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6, 6, 6, 6, 6});
  CHECK(split_classes(100, 100) == Ints(100, 1));
  CHECK(split_classes(5, 1) == Ints{5});
}

TEST_CASE("a base task takes its classes first, the others share the rest") {
  CHECK(split_classes(100, 6, 50) == Ints{50, 10, 10, 10, 10, 10});
  CHECK(split_classes(100, 4, 90) == Ints{90, 4, 3, 3});
  CHECK(split_classes(100, 7, 94) == Ints{94, 1, 1, 1, 1, 1, 1});
}

TEST_CASE("every split hands out every class") {
  for (int tasks = 2; tasks <= 37; ++tasks)
    for (int base = 1; base <= 37 - tasks + 1; ++base) {
      const Ints split = split_classes(37, tasks, base);
      REQUIRE(std::accumulate(split.begin(), split.end(), 0) == 37);
      REQUIRE(*std::min_element(split.begin(), split.end()) >= 1);
    }
}

TEST_CASE("impossible splits are refused with the possible ones") {
  CHECK(usage_message(100, 7, 99) ==
        "--base-classes 99 with --tasks 7: 1 of 100 classes would be left for 6 more tasks; expected 1 to 94 base "
        "classes");
  CHECK(usage_message(100, 2, 100).find("0 of 100 classes would be left for 1 more tasks") != std::string::npos);
  CHECK(usage_message(100, 2, 0).find("expected 1 to 99") != std::string::npos);
  CHECK(usage_message(100, 1, 50).find("--tasks 2 or more") != std::string::npos);
  CHECK(usage_message(100, 0, {}) == "--tasks 0: expected at least 1");
  CHECK(usage_message(100, 101, {}) == "--tasks 101: there are only 100 classes; ask for at most 100 tasks");
}

// The expected values come from a transcript of FACIL's routine (numpy.where, random.sample, pop), run by Python 3.11.
TEST_CASE("the validation split of a small uneven set equals FACIL's") {
  const Ints labels =
      // 58 images of class 4, 57 of class 0, 29 of class 3 and 56 of class 5.
      labels_for(200, [](int i) { return (i * i + 3 * i) % 7; });
  const std::vector<TaskImages> tasks = split_validation(labels, Ints{4, 0, 3}, Ints{2, 1}, 0.1, 42);
  REQUIRE(tasks.size() == 2);
  CHECK(tasks[0].validation == Ints{164, 141, 59, 52, 24, 3, 189, 165, 151, 49, 28, 21});
  CHECK(tasks[1].validation == Ints{198, 121, 16});
  CHECK(tasks[0].train.size() == 103);
  CHECK(tasks[1].train.size() == 26);
  CHECK(Ints(tasks[0].train.begin(), tasks[0].train.begin() + 12) == Ints{0, 1, 4, 7, 8, 10, 11, 14, 15, 17, 18, 22});
}

TEST_CASE("500 images per class split into 450 and 50, the very ones FACIL takes") {
  const Ints labels = labels_for(50000, [](int i) { return i % 100; });
  const std::vector<TaskImages> tasks = split_validation(labels, numpy_order(100, 1993), Ints(10, 10), 0.1, 0);
  int64_t train = 0, validation = 0, k_train = 0, k_validation = 0;
  for (const TaskImages& task : tasks) {
    CHECK(task.train.size() == 4500);
    CHECK(task.validation.size() == 500);
    train += checksum(task.train, k_train);
    validation += checksum(task.validation, k_validation);
  }
  CHECK(Ints(tasks[0].validation.begin(), tasks[0].validation.begin() + 8) ==
        Ints{49568, 49468, 47068, 46568, 46468, 46168, 46068, 45668});
  CHECK(validation == 313756464450);
  CHECK(train == 26132441909466);
}

TEST_CASE("halves round to even: of 5, 15, 25, 35, 45 images a tenth is 0, 2, 2, 4, 4") {
  for (auto [images, held] : {std::pair{5, 0}, {15, 2}, {25, 2}, {35, 4}, {45, 4}}) {
    const std::vector<TaskImages> tasks =
        split_validation(Ints(static_cast<size_t>(images), 0), Ints{0}, Ints{1}, 0.1, 1);
    CHECK(tasks[0].validation.size() == static_cast<size_t>(held));
  }
}

TEST_CASE("tasks share no image, and nothing of their classes is lost") {
  const Ints labels = labels_for(300, [](int i) { return (i * 7) % 12; }), order{11, 0, 5, 2, 9};
  std::set<int> seen;
  for (const TaskImages& task : split_validation(labels, order, Ints{2, 2, 1}, 0.2, 3))
    for (const Ints* part : {&task.train, &task.validation})
      for (int i : *part) CHECK(seen.insert(i).second);
  CHECK(seen.size() == 5 * 25);
  for (int i : seen) CHECK(std::count(order.begin(), order.end(), labels[static_cast<size_t>(i)]) == 1);
}

TEST_CASE("fraction zero keeps every image for training, as the test split does") {
  const Ints labels{2, 0, 1, 2, 0};
  const std::vector<TaskImages> tasks = split_validation(labels, Ints{2, 0, 1}, Ints{1, 2}, 0, 0);
  CHECK(tasks[0].train == Ints{0, 3});
  CHECK(tasks[1].train == Ints{1, 2, 4});
  CHECK(tasks[0].validation.empty());
  CHECK(images_by_task(labels, Ints{2, 0, 1}, Ints{1, 2}) == std::vector<Ints>{{0, 3}, {1, 2, 4}});
}

TEST_CASE("a split that leaves a class without training images, or no fraction at all, is refused") {
  CHECK_THROWS_AS(split_validation(Ints{0, 1}, Ints{0, 1}, Ints{2}, 0.9, 0), Error);
  CHECK_THROWS_AS(split_validation(Ints{0}, Ints{0, 1}, Ints{2}, 0.1, 0), Error);  // class 1 has no image
  CHECK_THROWS_AS(split_validation(Ints{0}, Ints{0}, Ints{1}, 1.0, 0), UsageError);
  CHECK_THROWS_AS(split_validation(Ints{0}, Ints{0}, Ints{1}, -0.1, 0), UsageError);
}

TEST_CASE("a task without test images is told of, with its classes; later tasks that are not run do not matter") {
  const std::vector<std::string> names{"cat", "dog", "cow", "hen"};
  const Ints order{2, 0, 3, 1}, tasks{2, 2};
  const auto message = [&](const Ints& labels, int run) {
    return test::message_of([&] { check_test_images(labels, order, tasks, names, run); });
  };
  CHECK(message(Ints{0, 1}, 2) == "no error");
  CHECK(message(Ints{2, 0, 0}, 2) ==
        "task 2 has no test images: the data set's test part lacks its classes (hen, dog); add test images of them, or "
        "leave the classes out with --order or --subset");
  CHECK(message(Ints{2, 0, 0}, 1) == "no error");
  test::check_says(message(Ints{3}, 1),
                   "task 1 has no test images: the data set's test part lacks its classes (cow, cat)");
  CHECK(classes_without_images(Ints{2, 0, 0}, 4) == Ints{1, 3});
  CHECK(classes_without_images(Ints{1, 0}, 2).empty());
}
