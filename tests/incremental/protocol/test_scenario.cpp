#include "incremental/protocol/scenario.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "engine/base/error.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

ScenarioOptions options(const std::string& order) {
  return {.tasks = 2, .base_classes = {}, .order = order, .validation_fraction = 0.25, .stop_after = 0};
}

TEST_CASE("labels are places in the order, and tasks hold the images of their classes") {
  const ResidentDataset data = tiny_data(5, 8, 3);
  const Scenario s = make_scenario(data, options("3,1,4,0,2"), 1);
  CHECK(s.order == std::vector<int>{3, 1, 4, 0, 2});
  CHECK(s.classes_per_task == std::vector<int>{3, 2});
  CHECK(s.class_names == std::vector<std::string>{"class 3", "class 1", "class 4", "class 0", "class 2"});
  for (size_t t = 0; t < 2; ++t) {
    for (const Subset* subset : {&s.train[t], &s.validation[t]})
      for (size_t i = 0; i < subset->size(); ++i) {
        CHECK(s.order[static_cast<size_t>(subset->labels[i])] ==
              data.train.labels[static_cast<size_t>(subset->images[i])]);
        CHECK((subset->labels[i] < 3) == (t == 0));
      }
    const size_t classes = static_cast<size_t>(s.classes_per_task[t]);
    CHECK(s.train[t].size() == 6 * classes);
    CHECK(s.validation[t].size() == 2 * classes);
    CHECK(s.test[t].size() == 3 * classes);
    for (size_t i = 0; i < s.test[t].size(); ++i)
      CHECK(s.order[static_cast<size_t>(s.test[t].labels[i])] ==
            data.test.labels[static_cast<size_t>(s.test[t].images[i])]);
  }
}

TEST_CASE("tasks share no image, and together they hold every one") {
  const ResidentDataset data = tiny_data(6, 8, 3);
  ScenarioOptions o = options("shuffled");
  o.tasks = 4;
  o.base_classes = 3;
  const Scenario s = make_scenario(data, o, 7);
  CHECK(s.classes_per_task == std::vector<int>{3, 1, 1, 1});
  std::multiset<int> train, test;
  for (size_t t = 0; t < 4; ++t) {
    train.insert(s.train[t].images.begin(), s.train[t].images.end());
    train.insert(s.validation[t].images.begin(), s.validation[t].images.end());
    test.insert(s.test[t].images.begin(), s.test[t].images.end());
  }
  CHECK(train.size() == 48);
  CHECK(std::set<int>(train.begin(), train.end()).size() == 48);
  CHECK(test.size() == 18);
  CHECK(std::set<int>(test.begin(), test.end()).size() == 18);
}

TEST_CASE("an order shorter than the set leaves the other classes out") {
  const ResidentDataset data = tiny_data(5, 8, 3);
  const Scenario s = make_scenario(data, options("4,2"), 1);
  CHECK(s.classes_per_task == std::vector<int>{1, 1});
  CHECK(s.train[0].size() + s.validation[0].size() == 8);
  CHECK(s.class_names == std::vector<std::string>{"class 4", "class 2"});
}

TEST_CASE("the seed decides the split and seeded orders, nothing else does") {
  const ResidentDataset data = tiny_data(4, 20, 3);
  const Scenario a = make_scenario(data, options("identity"), 1), again = make_scenario(data, options("identity"), 1),
                 other = make_scenario(data, options("identity"), 2);
  CHECK(a.validation[0].images == again.validation[0].images);
  CHECK(a.validation[0].images != other.validation[0].images);
  const ResidentDataset ten = tiny_data(10, 2, 1);
  CHECK(make_scenario(ten, {.order = "shuffled"}, 1).order != make_scenario(ten, {.order = "shuffled"}, 2).order);
  CHECK(make_scenario(ten, {.order = "icarl"}, 1).order == make_scenario(ten, {.order = "icarl"}, 2).order);
}

TEST_CASE("a scenario may stop early, between the first and the last task") {
  const ResidentDataset data = tiny_data();
  ScenarioOptions o = options("identity");
  CHECK(make_scenario(data, o, 1).tasks_to_run == 2);
  o.stop_after = 1;
  CHECK(make_scenario(data, o, 1).tasks_to_run == 1);
  CHECK(make_scenario(data, o, 1).tasks() == 2);
  for (const int wrong : {3, -1}) {
    o.stop_after = wrong;
    CHECK_THROWS_AS((void)make_scenario(data, o, 1), UsageError);
  }
}

}  // namespace
}  // namespace mneme::test
