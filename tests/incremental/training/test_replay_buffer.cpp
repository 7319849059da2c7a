// Which images a task learns from: its own, exemplars, and held-out images.

#include "incremental/training/replay_buffer.h"

#include <doctest/doctest.h>

#include <map>
#include <set>

#include "data/batches/augment.h"
#include "layers/resnet_cifar.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

/// Three tasks of two classes with twelve training images each.
struct Stock {
  ResidentDataset data = tiny_data(6, 16, 2);
  ScenarioOptions scenario_options{
      .tasks = 3, .base_classes = {}, .order = "identity", .validation_fraction = 0.25, .stop_after = 0};
  Scenario scenario = make_scenario(data, scenario_options, 1);
  DeviceImages images{data.train, Device::cpu};
  Factory factory{1, Device::cpu};
  IncrementalNet net{std::make_unique<CifarResNet>(CifarResNet::Options{.depth = 8}, factory),
                     std::make_unique<LinearHeads>(64)};
  Method method;

  void add_classes() { net.add_classes(2, factory); }
  ReplayBuffer replay_buffer(MemoryBudget budget, Selection selection = Selection::random) const {
    return {scenario, method, images, {budget, selection, false, 1}};
  }
};

constexpr MemoryBudget five_each{MemoryBudget::Kind::per_class, 5, false};

std::map<int, int> counts(const Subset& subset) {
  std::map<int, int> out;
  for (const int label : subset.labels) ++out[label];
  return out;
}

std::set<int> images_of(const Subset& subset) { return {subset.images.begin(), subset.images.end()}; }

TEST_CASE("held-out images are a share of the memory, leave the training images, and never change") {
  Stock stock;
  stock.method.validation_exemplars = 0.3;  // 0.3 of 5 per class is 1.5, rounded to 2
  ReplayBuffer replay_buffer = stock.replay_buffer(five_each);
  CHECK(counts(replay_buffer.held_out(0)) == std::map<int, int>{{0, 2}, {1, 2}});
  CHECK(counts(replay_buffer.training(0)) == std::map<int, int>{{0, 10}, {1, 10}});
  const std::set<int> trained_on = images_of(replay_buffer.training(0));
  for (const int image : replay_buffer.held_out(0).images) CHECK_FALSE(trained_on.contains(image));

  stock.add_classes();
  replay_buffer.update(0, stock.net);
  CHECK(counts(replay_buffer.exemplars()) == std::map<int, int>{{0, 3}, {1, 3}});  // 5 minus 2
  const Subset later = replay_buffer.held_out(1);
  CHECK(counts(later) == std::map<int, int>{{0, 2}, {1, 2}, {2, 2}, {3, 2}});
  const std::set<int> all_later = images_of(later), stored = images_of(replay_buffer.exemplars());
  for (const int image : replay_buffer.held_out(0).images) {
    CHECK(all_later.contains(image));
    CHECK_FALSE(stored.contains(image));
  }
}

TEST_CASE("held out for the task are so many exemplars and new images of every class, anew in every task (43)") {
  Stock stock;
  stock.method.hold_out = HoldOut::for_the_task;
  stock.method.validation_exemplars = 0.3;  // 0.3 of 5 per class is 1.5, rounded to 2
  ReplayBuffer replay_buffer = stock.replay_buffer(five_each);
  CHECK(replay_buffer.held_out(0).size() == 0);
  CHECK(counts(replay_buffer.training(0)) == std::map<int, int>{{0, 12}, {1, 12}});
  stock.add_classes();
  replay_buffer.update(0, stock.net);
  CHECK(counts(replay_buffer.exemplars()) == std::map<int, int>{{0, 5}, {1, 5}});

  const Subset held_out = replay_buffer.held_out(1), training = replay_buffer.training(1);
  CHECK(counts(held_out) == std::map<int, int>{{0, 2}, {1, 2}, {2, 2}, {3, 2}});
  CHECK(counts(training) == std::map<int, int>{{0, 3}, {1, 3}, {2, 10}, {3, 10}});
  const std::set<int> stored = images_of(replay_buffer.exemplars()), trained_on = images_of(training);
  for (size_t i = 0; i < held_out.size(); ++i) {
    CHECK_FALSE(trained_on.contains(held_out.images[i]));
    CHECK(stored.contains(held_out.images[i]) == (held_out.labels[i] < 2));
  }

  stock.add_classes();
  replay_buffer.update(1, stock.net);  // selected among all images of the new classes
  CHECK(counts(replay_buffer.exemplars()) == std::map<int, int>{{0, 5}, {1, 5}, {2, 5}, {3, 5}});
  std::set<int> first = images_of(held_out), again = images_of(replay_buffer.held_out(2));
  std::erase_if(first, [&](int image) { return !stored.contains(image); });
  std::erase_if(again, [&](int image) { return !stored.contains(image); });
  CHECK(first != again);
}

TEST_CASE("one exemplar per class leaves nothing to hold out for the task") {
  Stock stock;
  stock.method.hold_out = HoldOut::for_the_task;
  stock.method.validation_exemplars = 0.1;
  CHECK_THROWS_WITH_AS(stock.replay_buffer({MemoryBudget::Kind::per_class, 1, false}),
                       "1 of 1 exemplars per class are held out, which leaves none to train on: keep more", UsageError);
  CHECK_NOTHROW(stock.replay_buffer({MemoryBudget::Kind::per_class, 2, false}));
}

TEST_CASE("with a fixed total the held-out images shrink to their first ones") {
  Stock stock;
  stock.method.validation_exemplars = 0.5;
  const ReplayBuffer replay_buffer = stock.replay_buffer({MemoryBudget::Kind::total, 24, false});
  const Subset first = replay_buffer.held_out(0), last = replay_buffer.held_out(2);
  CHECK(counts(first) == std::map<int, int>{{0, 6}, {1, 6}});
  CHECK(counts(last)[0] == 2);
  for (int i = 0; i < 2; ++i) CHECK(last.images[static_cast<size_t>(i)] == first.images[static_cast<size_t>(i)]);
}

TEST_CASE("held out are random images, or a class's first ones where released code takes those") {
  Stock stock;
  stock.method.validation_exemplars = 0.5;
  const Subset& own = stock.scenario.train[0];
  std::vector<int> first;
  for (size_t i = 0; i < own.size() && first.size() < 3; ++i)
    if (own.labels[i] == 0) first.push_back(own.images[i]);
  const auto of_class_0 = [&] {
    std::vector<int> images = stock.replay_buffer(five_each).held_out(0).images;
    images.resize(3);
    return images;
  };
  CHECK(of_class_0() != first);
  stock.method.holds_out_first = true;
  CHECK(of_class_0() == first);
}

TEST_CASE("a memory of which nothing is left to train on is refused") {
  Stock stock;
  stock.method.validation_exemplars = 0.1;
  CHECK_THROWS_WITH_AS((void)stock.replay_buffer({MemoryBudget::Kind::per_class, 1, false}),
                       doctest::Contains("1 of 1 exemplars per class are held out"), UsageError);
  CHECK_THROWS_WITH_AS((void)stock.replay_buffer({MemoryBudget::Kind::per_class, 0, false}),
                       doctest::Contains("keeps nothing"), UsageError);
}

TEST_CASE("balanced images: the exemplars and as many of every new class, or as many in all") {
  Stock stock;
  ReplayBuffer replay_buffer = stock.replay_buffer(five_each);
  stock.add_classes();
  replay_buffer.update(0, stock.net);
  stock.add_classes();
  Stage stage;
  stage.number = 2;
  for (const Selection selection : {Selection::random, Selection::herding}) {
    stage.chosen_by = selection;
    const Subset subset = replay_buffer.balanced(1, stage, stock.net);
    CHECK(counts(subset) == std::map<int, int>{{0, 5}, {1, 5}, {2, 5}, {3, 5}});
    CHECK(images_of(subset).size() == 20);
  }
  replay_buffer.update(1, stock.net);
  stock.add_classes();
  stage.balancing = Balancing::in_total;
  stage.chosen_by = Selection::random;
  bool uneven = false;
  for (const int number : {2, 3, 4, 5}) {
    stage.number = number;
    const Subset subset = replay_buffer.balanced(2, stage, stock.net);
    std::map<int, int> found = counts(subset);
    for (const int old : {0, 1, 2, 3}) CHECK(found[old] == 5);
    CHECK(found[4] + found[5] == 20);
    CHECK(images_of(subset).size() == 40);  // none twice
    uneven = uneven || found[4] != found[5];
    const Subset& own = stock.scenario.train[2];
    for (size_t i = 20; i < subset.size(); ++i) {
      const auto at = std::ranges::find(own.images, subset.images[i]) - own.images.begin();
      CHECK(own.labels.at(static_cast<size_t>(at)) == subset.labels[i]);
    }
  }
  CHECK(uneven);  // whatever their classes
}

TEST_CASE(
    "what herding chooses for a stage is what it then stores, with and without repicks, the network being the same") {
  Stock stock;
  stock.add_classes();
  std::vector<std::vector<int>> chosen;
  for (const Selection selection : {Selection::herding, Selection::herding_repicked}) {
    ReplayBuffer replay_buffer = stock.replay_buffer({MemoryBudget::Kind::per_class, 10, false}, selection);
    const Subset subset = replay_buffer.balanced(0, Stage(), stock.net);
    replay_buffer.update(0, stock.net);
    CHECK(replay_buffer.exemplars().images == subset.images);
    chosen.push_back(subset.images);
  }
  CHECK(chosen[0] != chosen[1]);  // otherwise the two forms cannot be told apart here
}

TEST_CASE("of every class as many as the smallest old one has, new classes' first images, exactly (59)") {
  Stock stock;
  ReplayBuffer replay_buffer =
      stock.replay_buffer({.kind = MemoryBudget::Kind::total, .images = 15, .fill = true}, Selection::first);
  stock.add_classes();
  replay_buffer.update(0, stock.net);  // keeps 7 images of one class and 8 of the other
  stock.add_classes();
  Stage stage;
  stage.chosen_by = Selection::first;
  stage.balancing = Balancing::smallest;
  const Subset subset = replay_buffer.balanced(1, stage, stock.net);
  CHECK(counts(subset) == std::map<int, int>{{0, 7}, {1, 7}, {2, 7}, {3, 7}});
  const Subset& own = stock.scenario.train[1];
  std::vector<int> first;
  for (size_t i = 0; i < own.size() && first.size() < 7; ++i)
    if (own.labels[i] == 2) first.push_back(own.images[i]);
  CHECK(std::vector<int>(subset.images.begin() + 14, subset.images.begin() + 21) == first);
}

TEST_CASE("the last of the memory can be held out for a task, and as many last images of new classes") {
  Stock stock;
  stock.method.hold_out = HoldOut::last_for_the_task;
  stock.method.validation_exemplars = 0.2;
  ReplayBuffer replay_buffer =
      stock.replay_buffer({.kind = MemoryBudget::Kind::total, .images = 15, .fill = true}, Selection::first);
  stock.add_classes();
  CHECK(replay_buffer.held_out(0).size() == 0);
  replay_buffer.update(0, stock.net);  // keeps 7 images of one class and 8 of the other
  const ExemplarMemory before = replay_buffer.memory();
  const Subset held_out = replay_buffer.held_out(1), training = replay_buffer.training(1);
  // 3 of 15 exemplars: one of each class, then one more of the larger class; and 3 / 2 of each new class.
  CHECK(counts(held_out) == std::map<int, int>{{0, 1}, {1, 2}, {2, 1}, {3, 1}});
  CHECK(counts(training) == std::map<int, int>{{0, 6}, {1, 6}, {2, 11}, {3, 11}});
  CHECK(held_out.images[0] == before.classes()[0].back().index);
  CHECK(held_out.images[2] == before.classes()[1].back().index);
  const Subset& own = stock.scenario.train[1];
  int last = -1;
  for (size_t i = 0; i < own.size(); ++i)
    if (own.labels[i] == 2) last = own.images[i];
  CHECK(held_out.images[3] == last);
  const std::set<int> trained_on = images_of(training);
  for (const int image : held_out.images) CHECK_FALSE(trained_on.contains(image));
  CHECK(replay_buffer.new_images(1).size() == 22);
  stock.add_classes();
  replay_buffer.update(1, stock.net);
  CHECK(replay_buffer.memory().size() == 15);  // exemplars are selected among all images, including held-out ones
}

TEST_CASE("a share of a small memory is one image at least, and every class keeps one") {
  Stock stock;
  stock.method.hold_out = HoldOut::last_for_the_task;
  stock.method.validation_exemplars = 0.1;
  ReplayBuffer replay_buffer = stock.replay_buffer({MemoryBudget::Kind::per_class, 2, false}, Selection::first);
  stock.add_classes();
  replay_buffer.update(0, stock.net);
  CHECK(counts(replay_buffer.held_out(1)) == std::map<int, int>{{0, 1}, {2, 1}, {3, 1}});
  stock.method.validation_exemplars = 0.75;
  CHECK(counts(replay_buffer.held_out(1)) == std::map<int, int>{{0, 1}, {1, 1}, {2, 1}, {3, 1}});
  CHECK(replay_buffer.training(1).size() == 2 + 22);
}

TEST_CASE("a supply taken up again from its ledger has the same memory") {
  Stock stock;
  ReplayBuffer replay_buffer = stock.replay_buffer({MemoryBudget::Kind::total, 8, false});
  stock.add_classes();
  replay_buffer.update(0, stock.net);
  stock.add_classes();
  replay_buffer.update(1, stock.net);
  // Eight are two of each of four classes, and old classes keep the first two of the four that they had.
  CHECK(counts(replay_buffer.exemplars()) == std::map<int, int>{{0, 2}, {1, 2}, {2, 2}, {3, 2}});
  ReplayBuffer again = stock.replay_buffer({MemoryBudget::Kind::total, 8, false});
  again.restore(replay_buffer.ledger(), 1, 4);
  CHECK(again.exemplars().images == replay_buffer.exemplars().images);
  CHECK(again.ledger().size() == replay_buffer.ledger().size());
}

TEST_CASE("a filled memory holds its whole budget after every task, old classes making room") {
  Stock stock;
  ReplayBuffer replay_buffer =
      stock.replay_buffer({.kind = MemoryBudget::Kind::total, .images = 15, .fill = true}, Selection::first);
  const std::vector<std::map<int, int>> expected = {
      {{0, 7}, {1, 8}}, {{0, 3}, {1, 4}, {2, 4}, {3, 4}}, {{0, 2}, {1, 2}, {2, 2}, {3, 3}, {4, 3}, {5, 3}}};
  for (int task = 0; task < 3; ++task) {
    stock.add_classes();
    replay_buffer.update(task, stock.net);
    CHECK(counts(replay_buffer.exemplars()) == expected[static_cast<size_t>(task)]);
  }
}

TEST_CASE("what is held out for good leaves a filled budget that much smaller") {
  Stock stock;
  stock.method.validation_exemplars = 0.25;
  ReplayBuffer replay_buffer =
      stock.replay_buffer({.kind = MemoryBudget::Kind::total, .images = 15, .fill = true}, Selection::first);
  stock.add_classes();
  replay_buffer.update(0, stock.net);  // 8 per class, of which two are held out, so 15 - 4 remain
  CHECK(replay_buffer.held_out(0).size() == 4);
  CHECK(counts(replay_buffer.exemplars()) == std::map<int, int>{{0, 5}, {1, 6}});
}

TEST_CASE("a held-out share is of what a class has where the memory would keep more, and a class keeps one image") {
  Stock stock;
  stock.method.validation_exemplars = 0.25;
  for (const HoldOut kind : {HoldOut::for_good, HoldOut::for_the_task}) {
    stock.method.hold_out = kind;
    const MemoryBudget budget{MemoryBudget::Kind::per_class, 100, false};
    CHECK(held_out_of_class(stock.method, budget, 2, 1000) == 25);
    CHECK(held_out_of_class(stock.method, budget, 2, 12) == 3);
    CHECK(held_out_of_class(stock.method, budget, 2, 2) == 1);
    CHECK(held_out_of_class(stock.method, budget, 2, 1) == 0);
  }
  stock.method.hold_out = HoldOut::for_good;
  ReplayBuffer replay_buffer = stock.replay_buffer({MemoryBudget::Kind::per_class, 100, false});
  CHECK(counts(replay_buffer.training(0)) == std::map<int, int>{{0, 9}, {1, 9}});
  stock.add_classes();
  replay_buffer.update(0, stock.net);
  CHECK(counts(replay_buffer.exemplars()) == std::map<int, int>{{0, 9}, {1, 9}});
}

TEST_CASE("a class with fewer images than the memory would keep keeps them all") {
  Stock stock;
  ReplayBuffer replay_buffer = stock.replay_buffer({MemoryBudget::Kind::per_class, 100, false});
  stock.add_classes();
  replay_buffer.update(0, stock.net);
  CHECK(counts(replay_buffer.exemplars()) == std::map<int, int>{{0, 12}, {1, 12}});
}

}  // namespace
}  // namespace mneme::test
