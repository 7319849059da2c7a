// The order in which an epoch presents a subset. Values: docs/methods/properties.md#memory-and-sampling and
// docs/methods/properties.md#separated-softmax-and-ss-il.

#include "incremental/memory/sampling.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <ranges>
#include <set>

#include "engine/base/error.h"

namespace mneme::test {
namespace {

constexpr RandomKey key{7, 11};

/// Three old classes with two exemplars each, and two new classes with 30 and 10 images. Each image's number is its
/// position.
struct Mixed {
  TaskContext task;
  Subset subset;

  Mixed() {
    task.task = 1;
    task.task_sizes = {3, 2};
    task.class_counts = {2, 2, 2, 30, 10};
    task.has_exemplars = true;
    for (int k = 0; k < 5; ++k)
      for (int64_t i = 0; i < task.class_counts[static_cast<size_t>(k)]; ++i)
        subset.append({{static_cast<int>(subset.size())}, {k}});
  }
  std::vector<int> order(Sampling kind, uint32_t epoch = 0, int batch = 10, double share = 0.2) const {
    return epoch_order({kind, share}, subset, task, batch, key, epoch).positions;
  }
};

/// How often each label occurs in `epochs` epochs.
std::map<int, double> frequencies(const Mixed& m, Sampling kind, int epochs) {
  std::map<int, double> counts;
  double all = 0;
  for (int epoch = 0; epoch < epochs; ++epoch)
    for (const int at : m.order(kind, static_cast<uint32_t>(epoch)))
      ++counts[m.subset.labels[static_cast<size_t>(at)]], ++all;
  for (auto& [label, count] : counts) count /= all;
  return counts;
}

TEST_CASE("shuffled shows every image once, each epoch in another order") {
  const Mixed m;
  std::vector<int> first = m.order(Sampling::shuffled), second = m.order(Sampling::shuffled, 1);
  CHECK(first != second);
  CHECK(first == m.order(Sampling::shuffled));
  std::ranges::sort(first);
  std::ranges::sort(second);
  CHECK(first == second);
  for (size_t i = 0; i < first.size(); ++i) CHECK(first[i] == static_cast<int>(i));
}

TEST_CASE("oversampling draws as often as there are images, by memory or by class, within three deviations (50)") {
  const Mixed m;
  constexpr int epochs = 400;
  const double draws = epochs * static_cast<double>(m.subset.size());
  const auto close = [&](double found, double expected) {
    return std::abs(found - expected) < 3 * std::sqrt(expected * (1 - expected) / draws);
  };
  CHECK(m.order(Sampling::memory).size() == m.subset.size());
  CHECK(m.order(Sampling::classes).size() == m.subset.size());
  std::map<int, double> by_memory = frequencies(m, Sampling::memory, epochs);
  for (int old = 0; old < 3; ++old) CHECK(close(by_memory[old], 1.0 / 6));
  CHECK(close(by_memory[3], .5 * 30 / 40));
  CHECK(close(by_memory[4], .5 * 10 / 40));
  for (const auto& [label, share] : frequencies(m, Sampling::classes, epochs)) CHECK(close(share, 1.0 / 5));
}

TEST_CASE("with a kept ratio every batch has its exemplars, new images come once and exemplars take turns (20)") {
  const Mixed m;
  std::map<int, int> shown;
  for (uint32_t epoch = 0; epoch < 30; ++epoch) {
    const std::vector<int> order = m.order(Sampling::ratio, epoch);
    CHECK(order.size() == 50);  // 40 new images, eight per batch, and two exemplars with each batch
    for (size_t begin = 0; begin < order.size(); begin += 10) {
      const auto first = order.begin() + static_cast<std::ptrdiff_t>(begin);
      CHECK(std::count_if(first, first + 10, [](int at) { return at < 6; }) == 2);
    }
    for (const int at : order) ++shown[at];
  }
  for (const auto& [at, count] : shown) {
    if (at >= 6)
      CHECK(count == 30);
    else
      // Each occurs once or twice among an epoch's ten; the bound is three deviations.
      CHECK(std::abs(count - 50) <= 8);
  }
  CHECK(m.order(Sampling::ratio, 0) != m.order(Sampling::ratio, 1));
}

TEST_CASE("a last small batch keeps the ratio, and a ratio leaves room for either kind") {
  const Mixed m;
  // 12 new images and 4 exemplars per batch; the last four new images get one exemplar.
  const std::vector<int> order = m.order(Sampling::ratio, 0, 16, 0.25);
  CHECK(order.size() == 53);
  CHECK(std::count_if(order.end() - 5, order.end(), [](int at) { return at < 6; }) == 1);
  CHECK(epoch_size({Sampling::ratio, 0.25}, 6, 40, 16).images == 53);
  CHECK(epoch_size({Sampling::ratio, 0.2}, 6, 40, 10).images == 50);
  CHECK(epoch_size({Sampling::classes, 0.2}, 6, 40, 10).images == 46);
  CHECK(epoch_size({Sampling::ratio, 0.2}, 0, 40, 10).images == 40);
  CHECK(m.order(Sampling::ratio, 0, 2, 0.01).size() == 80);
  CHECK(m.order(Sampling::ratio, 0, 2, 0.99).size() == 80);
}

/// Batches of four new images and three of the six exemplars.
EpochOrder split(const Mixed& m, uint32_t epoch, int batch = 4, int replayed = 3) {
  return epoch_order({.kind = Sampling::split, .replay_batch = replayed}, m.subset, m.task, batch, key, epoch);
}

TEST_CASE("split batches have exactly so many new images and exemplars, and new images come at most once (20)") {
  const Mixed m;
  for (const int batch : {4, 7, 40}) {
    const EpochOrder epoch = split(m, 0, batch);
    CHECK(epoch.per_batch == batch + 3);
    REQUIRE(std::ssize(epoch.positions) == 40 / batch * (batch + 3));  // an incomplete batch is left out
    std::map<int, int> shown;
    for (auto at = epoch.positions.begin(); at != epoch.positions.end(); at += batch + 3) {
      CHECK(std::count_if(at, at + batch + 3, [](int p) { return p < 6; }) == 3);
      std::for_each(at, at + batch + 3, [&](int p) { ++shown[p]; });
    }
    for (const auto& [at, count] : shown)
      if (at >= 6) CHECK(count == 1);
  }
}

TEST_CASE("a split epoch's exemplars are uniform over the memory: chi-square of a hundred thousand draws (20)") {
  const Mixed m;
  std::map<int, double> shown;
  double draws = 0;
  for (uint32_t epoch = 0; draws < 1e5; ++epoch)
    for (const int at : split(m, epoch, 10, 1).positions)
      if (at < 6) ++shown[at], ++draws;  // an epoch uses four of the six, so it never uses all of them
  double chi_square = 0;
  for (int at = 0; at < 6; ++at) chi_square += std::pow(shown[at] - draws / 6, 2) / (draws / 6);
  // With 5 degrees of freedom 1 % of uniform samples are above; without replacement fewer are.
  CHECK(chi_square < 15.1);
}

TEST_CASE("more exemplars a batch than there are come again, each as often as the others but one") {
  const Mixed m;
  const EpochOrder epoch = split(m, 0, 10, 15);
  REQUIRE(epoch.positions.size() == 4 * 25);
  for (size_t begin = 0; begin < 100; begin += 25) {
    std::map<int, int> shown;
    for (size_t i = begin; i < begin + 25; ++i)
      if (epoch.positions[i] < 6) ++shown[epoch.positions[i]];
    CHECK(shown.size() == 6);
    for (const auto& [at, count] : shown) CHECK((count == 2 || count == 3));
  }
}

TEST_CASE("a task with fewer new images than a batch has one batch, and the first task all of its images") {
  Mixed m;
  const EpochOrder one = split(m, 0, 50, 25);
  CHECK(one.positions.size() == 40 + 20);
  std::erase_if(m.subset.labels, [](int label) { return label < 3; });
  m.subset.images.resize(m.subset.labels.size());
  CHECK(split(m, 0, 16).positions.size() == 40);
  CHECK(split(m, 0, 16).per_batch == 16);
}

TEST_CASE("a last batch that is not whole can be left out by every sampler, unless it is the only one") {
  const Mixed m;
  for (const Sampling kind : {Sampling::shuffled, Sampling::memory, Sampling::classes, Sampling::ratio}) {
    const SamplingOptions all{.kind = kind}, whole{.kind = kind, .drop_last = true};
    const auto order = [&](const SamplingOptions& options, int batch) {
      return epoch_order(options, m.subset, m.task, batch, key, 0).positions;
    };
    CHECK(order(all, 11).size() % 11 != 0);
    CHECK(order(whole, 11).size() == order(all, 11).size() / 11 * 11);
    CHECK(std::ranges::equal(order(whole, 11), order(all, 11) | std::views::take(order(whole, 11).size())));
    CHECK(order(whole, 100) == order(all, 100));
    CHECK(epoch_size(whole, 6, 40, 11).images == std::ssize(order(whole, 11)));
  }
}

TEST_CASE("without exemplars every sampler is the shuffled one") {
  Mixed m;
  std::erase_if(m.subset.labels, [](int label) { return label < 3; });
  m.subset.images.resize(m.subset.labels.size());
  for (const Sampling kind : {Sampling::memory, Sampling::classes, Sampling::ratio, Sampling::split})
    CHECK(m.order(kind) == m.order(Sampling::shuffled));
}

TEST_CASE("what is shown beside a batch are other images for every batch, none twice, and at most all") {
  const std::vector<int> images = {10, 20, 30, 40, 50};
  std::map<int, int> times;
  std::set<std::vector<int>> orders;
  for (uint32_t i = 0; i < 2000; ++i) {
    const BatchRequest beside = draw_beside(images, 3, key, {{1, 2}, i % 2, i / 2 % 10, 64 * (i / 20)});
    CHECK((beside.augmentation == Augmentation{}));
    CHECK(std::set<int>(beside.images.begin(), beside.images.end()).size() == 3);
    for (const int image : beside.images) ++times[image];
    orders.insert(beside.images);
  }
  CHECK(orders.size() == 60);  // all 5 * 4 * 3 of them
  for (const int image : images) CHECK(std::abs(times[image] - 1200) < 5 * std::sqrt(2000 * .6 * .4));
  CHECK(draw_beside(images, 3, key, {{}, 0, 1, 2}).images == draw_beside(images, 3, key, {{}, 0, 1, 2}).images);
  CHECK(draw_beside(images, 64, key, {}).images.size() == 5);
  CHECK(draw_beside(images, 0, key, {}).images.empty());
  CHECK(draw_beside({}, 64, key, {}).images.empty());
}

TEST_CASE("samplers have names, and an unknown one is answered with the nearest") {
  CHECK(sampling_named("shuffled") == Sampling::shuffled);
  CHECK(sampling_named("memory") == Sampling::memory);
  CHECK(sampling_named("classes") == Sampling::classes);
  CHECK(sampling_named("ratio") == Sampling::ratio);
  CHECK(sampling_named("split") == Sampling::split);
  CHECK_THROWS_WITH_AS(
      sampling_named("clases"),
      "unknown sampler 'clases'; did you mean 'classes'? Known: shuffled, memory, classes, ratio, split", UsageError);
}

TEST_CASE("a share of a batch is rounded to the nearest number of exemplars") {
  const SamplingOptions fifth{.kind = Sampling::ratio, .replay_share = 0.2};
  CHECK(epoch_size(fifth, 10, 12, 8).images == 12 + 2 * 2);  // 1.6 of 8 are 2 exemplars beside 6 new images
  CHECK(epoch_size(fifth, 10, 12, 7).images == 12 + 2 * 1);  // 1.4 of 7 are 1 beside 6
  CHECK(epoch_size(fifth, 10, 12, 8).per_batch == 8);
}

}  // namespace
}  // namespace mneme::test
