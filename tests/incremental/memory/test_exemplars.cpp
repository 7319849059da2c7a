#include "incremental/memory/exemplars.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "engine/base/error.h"
#include "engine/base/random.h"

using namespace mneme;

namespace {

using Rows = std::vector<std::vector<float>>;

std::vector<int> indices_of(const std::vector<Exemplar>& picks) {
  std::vector<int> indices;
  for (const Exemplar& pick : picks) indices.push_back(pick.index);
  return indices;
}

Rows unit_vectors(const std::vector<double>& degrees) {
  Rows rows;
  for (const double d : degrees)
    rows.push_back({static_cast<float>(std::cos(d * std::numbers::pi / 180)),
                    static_cast<float>(std::sin(d * std::numbers::pi / 180))});
  return rows;
}

Rows drawn_features(int n, int size) {
  const RandomKey key = random_key(3, Stream::teacher);
  Rows rows;
  for (int i = 0; i < n; ++i) {
    std::vector<float> row;
    for (int d = 0; d < size; ++d)
      row.push_back(uniform01(key, {0, 0, static_cast<uint32_t>(i), static_cast<uint32_t>(d)}));
    rows.push_back(row);
  }
  return rows;
}

const Rows published = {{1, 0}, {.8f, .6f}, {.6f, .8f}, {0, 1}, {-.6f, .8f}};

/// A sequence of draws that depends only on the seed and the number of calls.
std::function<uint32_t(uint32_t)> counted_draws(uint64_t seed) {
  return [key = random_key(seed, Stream::exemplars), draw = uint32_t{0}](uint32_t n) mutable {
    return uniform_int(key, {0, 0, 0, draw++}, n);
  };
}

const std::function<uint32_t(uint32_t)> no_draws = [](uint32_t) -> uint32_t {
  throw std::logic_error("this selection does not draw");
};

Candidates by_logits(const Rows& logits, int label) {
  Candidates c{{}, {}, logits, label};
  for (size_t i = 0; i < logits.size(); ++i) c.indices.push_back(100 + static_cast<int>(i));
  return c;
}

}  // namespace

TEST_CASE("herding follows the worked example of five directions") {
  CHECK(indices_of(herd(unit_vectors({0, 20, 50, 90, 75}), 5)) == std::vector{2, 1, 4, 0, 3});
}

TEST_CASE("herding, with and without picking an image again, follows the worked example of five unit vectors") {
  CHECK(indices_of(herd(published, 5)) == std::vector{2, 3, 0, 4, 1});
  CHECK(indices_of(herd_repicked(published, 4)) == std::vector{2, 3, 0, 4});
}

TEST_CASE("herding's distances are those of the running mean to the class mean") {
  const std::vector<Exemplar> picks = herd(published, 5);
  CHECK(picks[0].distance == doctest::Approx(std::hypot(.36 - .6, .64 - .8)).epsilon(1e-6));
  CHECK(picks[1].distance == doctest::Approx(std::hypot(.36 - .3, .64 - .9)).epsilon(1e-6));
  CHECK(picks[4].distance < 1e-7);
}

TEST_CASE("fewer exemplars are the first of more") {
  const Rows features = drawn_features(30, 6);
  const std::vector<int> all = indices_of(herd(features, 30)), all_repicked = indices_of(herd_repicked(features, 30));
  CHECK(std::set<int>(all.begin(), all.end()).size() == 30);
  for (const int m : {1, 2, 7, 29}) {
    CHECK(indices_of(herd(features, m)) == std::vector(all.begin(), all.begin() + m));
    const std::vector<int> repicked = indices_of(herd_repicked(features, m));
    CHECK(repicked == std::vector(all_repicked.begin(), all_repicked.begin() + m));
  }
}

TEST_CASE("herding sees directions, not lengths") {
  Rows scaled = published;
  for (size_t i = 0; i < scaled.size(); ++i)
    for (float& v : scaled[i]) v *= static_cast<float>(i + 1) * 8;
  CHECK(indices_of(herd(scaled, 5)) == std::vector{2, 3, 0, 4, 1});
}

TEST_CASE("the mean of herded exemplars is nearer to the class mean than that of any five neighbours") {
  const Rows features = drawn_features(40, 8);
  const auto gap = [&](const std::vector<int>& chosen) {
    std::vector<double> gap_per_dimension(8, 0);
    const auto add = [&](size_t i, double weight) {
      double norm = 0;
      for (const float v : features[i]) norm += double{v} * v;
      for (size_t d = 0; d < 8; ++d) gap_per_dimension[d] += weight * features[i][d] / std::sqrt(norm);
    };
    for (size_t i = 0; i < features.size(); ++i) add(i, 1.0 / 40);
    for (const int i : chosen) add(static_cast<size_t>(i), -1.0 / static_cast<double>(chosen.size()));
    double squares = 0;
    for (const double g : gap_per_dimension) squares += g * g;
    return std::sqrt(squares);
  };
  const std::vector<Exemplar> picks = herd(features, 5);
  for (int first = 0; first < 40; first += 5)
    CHECK(gap(indices_of(picks)) < gap({first, first + 1, first + 2, first + 3, first + 4}));
  CHECK(gap(indices_of(picks)) == doctest::Approx(picks[4].distance).epsilon(1e-6));
}

TEST_CASE("equal features are taken in order; with repicks only the first, after which the target never moves") {
  const Rows equal(4, {.5f, .5f});
  CHECK(indices_of(herd(equal, 4)) == std::vector{0, 1, 2, 3});
  CHECK(indices_of(herd_repicked(equal, 4)) == std::vector{0});
}

TEST_CASE("an image whose features are all zero does not break herding") {
  Rows features = published;
  features.push_back({0, 0});
  const std::vector<Exemplar> picks = herd(features, 6);
  CHECK(picks[0].index == 2);  // nearest to the mean (.3, .533), as in the first selection
  for (const Exemplar& pick : picks) CHECK(std::isfinite(pick.distance));
  for (const Exemplar& pick : herd_repicked(features, 6)) CHECK(std::isfinite(pick.distance));
  CHECK(herd(Rows(3, {0, 0}), 2).size() == 2);
}

TEST_CASE("a class with fewer images than asked for keeps them all, whatever the selection") {
  for (const Selection selection : {Selection::random, Selection::herding, Selection::entropy, Selection::distance,
                                    Selection::first, Selection::neural_gas}) {
    const Candidates three{{7, 8, 9}, drawn_features(3, 4), drawn_features(3, 2), 1};
    std::vector<int> chosen = indices_of(select_exemplars(selection, three, 20, counted_draws(1)));
    std::sort(chosen.begin(), chosen.end());
    CHECK(chosen == std::vector{7, 8, 9});
    CHECK(select_exemplars(selection, {{}, {}, {}, 0}, 5, counted_draws(1)).empty());
  }
  CHECK(select_exemplars(Selection::herding_repicked, {{7, 8, 9}, drawn_features(3, 4), {}, 1}, 20, no_draws).size() <=
        3);
}

TEST_CASE("a selection returns the candidates' own indices, ranked") {
  const Candidates five{{50, 40, 30, 20, 10}, published, {}, 0};
  CHECK(indices_of(select_exemplars(Selection::herding, five, 3, no_draws)) == std::vector{30, 20, 50});
  CHECK(indices_of(select_exemplars(Selection::herding_repicked, five, 4, no_draws)) == std::vector{30, 20, 50, 10});
}

TEST_CASE("entropy selection takes the most undecided images first, and certain ones do no harm") {
  const Candidates c = by_logits({{1000, 0, -1000}, {1, 1, 1}, {2, 1, 0}, {50, 49, 0}}, 0);
  const std::vector<Exemplar> picks = select_exemplars(Selection::entropy, c, 4, no_draws);
  CHECK(indices_of(picks) == std::vector{101, 102, 103, 100});
  CHECK(picks[0].distance == doctest::Approx(-std::log(3.0)).epsilon(1e-6));
  const double p = 1 / (1 + std::exp(1.0));  // softmax of the two close logits
  CHECK(picks[2].distance == doctest::Approx(p * std::log(p) + (1 - p) * std::log(1 - p)).epsilon(1e-6));
  CHECK(picks[3].distance == 0);  // sum p ln p with p = 0
}

TEST_CASE("distance selection takes the smallest logit of the own class first, ties in order") {
  const Candidates c = by_logits({{0, 3}, {9, 1}, {9, 2}, {-5, 1}}, 1);
  CHECK(indices_of(select_exemplars(Selection::distance, c, 3, no_draws)) == std::vector{101, 103, 102});
}

TEST_CASE("random selection draws different images, the same for the same draws, each equally often") {
  Candidates ten;
  for (int i = 0; i < 10; ++i) ten.indices.push_back(i);
  std::vector<int> times(10, 0);
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const std::vector<int> chosen = indices_of(select_exemplars(Selection::random, ten, 3, counted_draws(seed)));
    CHECK(std::set<int>(chosen.begin(), chosen.end()).size() == 3);
    for (const int i : chosen) ++times[static_cast<size_t>(i)];
  }
  for (const int t : times) CHECK(std::abs(t - 600) < 5 * std::sqrt(2000 * .3 * .7));
  CHECK(indices_of(select_exemplars(Selection::random, ten, 10, counted_draws(4))) ==
        indices_of(select_exemplars(Selection::random, ten, 10, counted_draws(4))));
  CHECK(indices_of(select_exemplars(Selection::random, ten, 10, counted_draws(4))) !=
        indices_of(select_exemplars(Selection::random, ten, 10, counted_draws(5))));
}

TEST_CASE("a total budget is shared downwards, so that it is never exceeded; upwards it may be, as in FACIL") {
  MemoryBudget budget{MemoryBudget::Kind::total, 2000, false};
  CHECK(budget.per_class(30) == 66);
  CHECK(budget.per_class(100) == 20);
  budget.round_up = true;
  CHECK(budget.per_class(30) == 67);  // 2010 images
  CHECK(budget.per_class(100) == 20);
}

TEST_CASE("a budget per class does not depend on the classes, and no memory keeps nothing") {
  CHECK(MemoryBudget{MemoryBudget::Kind::per_class, 20, false}.per_class(1000) == 20);
  CHECK(MemoryBudget{}.per_class(10) == 0);
}

TEST_CASE("a total budget that leaves a class without exemplars is refused with the least that would do") {
  CHECK_THROWS_WITH_AS((void)(MemoryBudget{MemoryBudget::Kind::total, 9, false}.per_class(10)),
                       "--memory-total 9 leaves no exemplar for each of 10 classes: give at least 10", UsageError);
}

TEST_CASE("a filled budget is shared upwards among the classes known, or among all that there will be") {
  MemoryBudget budget{.kind = MemoryBudget::Kind::total, .images = 100, .fill = true};
  CHECK(budget.per_class(34) == 3);
  CHECK(budget.per_class(100) == 1);
  CHECK_THROWS_WITH_AS((void)budget.per_class(101),
                       "--memory-total 100 leaves no exemplar for each of 101 classes: give at least 101", UsageError);
  budget.shared_by = 40;
  CHECK(budget.per_class(10) == 3);
  CHECK(budget.per_class(60) == 2);
  budget.fill = false;
  CHECK(budget.per_class(10) == 2);
}

TEST_CASE("as classes come the whole budget stays in use, and classes differ by one image at most (47)") {
  for (const int images : {60, 97, 100, 1000})
    for (const int step : {1, 3, 7, 20}) {
      const MemoryBudget budget{.kind = MemoryBudget::Kind::total, .images = images, .fill = true};
      ExemplarMemory memory;
      for (int classes = step; classes <= 60; classes += step) {
        memory.truncate(budget.per_class(classes));
        for (int k = classes - step; k < classes; ++k)
          memory.set(k, std::vector<Exemplar>(static_cast<size_t>(std::min(30, budget.per_class(classes)))));
        memory.trim(images);
        CHECK(memory.size() == std::min(images, 30 * classes));
        const auto [fewest, most] = std::ranges::minmax(
            memory.classes(), {}, [](const std::vector<Exemplar>& exemplars) { return exemplars.size(); });
        CHECK(most.size() - fewest.size() <= 1);
      }
    }
}

TEST_CASE("trimming takes the lowest rank of the largest classes, the first of them first, and never too much") {
  ExemplarMemory memory;
  memory.set(0, {{1, 0}, {2, 0}});
  memory.set(1, {{3, 0}, {4, 0}, {5, 0}});
  memory.set(2, {{6, 0}, {7, 0}, {8, 0}});
  memory.trim(9);
  CHECK(memory.size() == 8);
  memory.trim(7);
  CHECK(indices_of(memory.classes()[1]) == std::vector{3, 4});
  CHECK(indices_of(memory.classes()[2]) == std::vector{6, 7, 8});
  memory.trim(5);
  CHECK(indices_of(memory.classes()[0]) == std::vector{1});
  CHECK(indices_of(memory.classes()[2]) == std::vector{6, 7});
}

TEST_CASE("the first images are those that the data set has first, and ask no network") {
  CHECK(indices_of(select_exemplars(Selection::first, {{7, 3, 9, 4}, {}, {}, 0}, 3, {})) == std::vector{7, 3, 9});
  CHECK_FALSE(needs_network(Selection::first));
  CHECK(needs_network(Selection::herding));
}

TEST_CASE("a memory counts, replaces and truncates from the end of every ranking") {
  ExemplarMemory memory;
  CHECK(memory.empty());
  memory.set(0, {{5, .1}, {6, .2}, {7, .3}});
  memory.set(1, {{8, .1}});
  CHECK(memory.size() == 4);
  memory.truncate(2);
  CHECK(indices_of(memory.classes()[0]) == std::vector{5, 6});
  CHECK(indices_of(memory.classes()[1]) == std::vector{8});
  memory.set(0, {{9, 0}});
  CHECK(indices_of(memory.classes()[0]) == std::vector{9});
  CHECK_FALSE(memory.empty());
}

TEST_CASE("selections have names, and a slip of the pen is answered with the nearest") {
  for (const Selection selection : {Selection::random, Selection::herding, Selection::herding_repicked,
                                    Selection::entropy, Selection::distance, Selection::first})
    CHECK(selection_named(name_of(selection)) == selection);
  CHECK_THROWS_WITH_AS((void)selection_named("hering"), doctest::Contains("did you mean 'herding'?"), UsageError);
}
