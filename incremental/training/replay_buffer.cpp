#include "incremental/training/replay_buffer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "incremental/memory/exemplar_ledger.h"
#include "incremental/protocol/evaluate.h"

namespace mneme {

namespace {

Subset subset_of(const ExemplarMemory& memory) {
  Subset subset;
  for (size_t k = 0; k < memory.classes().size(); ++k)
    for (const Exemplar& exemplar : memory.classes()[k]) subset.append({{exemplar.index}, {static_cast<int>(k)}});
  return subset;
}

/// The exemplars that a balanced stage uses.
ExemplarMemory balanced_memory(const ExemplarMemory& memory, const Stage& stage) {
  ExemplarMemory out = memory;
  if (stage.balancing == Balancing::smallest) out.truncate(memory.smallest());
  return out;
}

}  // namespace

struct ReplayBuffer::Choice {
  Selection selection;
  int label, count, task;
  int stage = 0;  // selects the random draws; 0: selection for the memory
};

namespace {

/// True if the method holds out a share of every class.
bool holds_out_of_classes(const Method& method, const MemoryBudget& memory) {
  return memory.kind != MemoryBudget::Kind::none && method.validation_exemplars > 0 &&
         method.hold_out != HoldOut::last_for_the_task;
}

/// The held-out share of `images` images of a class, before it is known whether the class has more than these.
int held_out_share(const Method& method, const MemoryBudget& memory, int images) {
  if (!holds_out_of_classes(method, memory)) return 0;
  const double share = method.validation_exemplars * images;
  if (method.hold_out == HoldOut::for_the_task) return std::max(1, static_cast<int>(std::floor(share + 0.5)));
  return static_cast<int>(std::ceil(share - 1e-9));
}

/// HoldOut::last_for_the_task: the number of images of the whole memory of `exemplars` images that are held out;
/// otherwise 0.
int held_out_of_memory(const Method& method, int exemplars) {
  if (method.hold_out != HoldOut::last_for_the_task || method.validation_exemplars <= 0 || exemplars == 0) return 0;
  return std::max(1, static_cast<int>(std::floor(method.validation_exemplars * exemplars + 1e-9)));
}

/// The number of exemplars of a class with enough images when `classes` classes are known: the budget, minus what
/// HoldOut::for_good takes.
int exemplars_per_class(const Method& method, const MemoryBudget& memory, int classes) {
  const int all = memory.per_class(classes);
  return all - (method.hold_out == HoldOut::for_good ? held_out_share(method, memory, all) : 0);
}

}  // namespace

int held_out_of_class(const Method& method, const MemoryBudget& memory, int classes, int images) {
  if (!holds_out_of_classes(method, memory)) return 0;
  const int share = held_out_share(method, memory, std::min(memory.per_class(classes), images));
  return std::max(0, std::min(share, images - 1));
}

ReplayBuffer::ReplayBuffer(const Scenario& scenario, const Method& method, const ImageSource& images,
                           ReplayBufferOptions options)
    : ReplayBuffer(scenario, method, options) {
  images_ = &images;
}

ReplayBuffer::ReplayBuffer(const Scenario& scenario, const Method& method, ReplayBufferOptions options)
    : scenario_(scenario), method_(method), options_(options) {
  if (!remembers()) return;
  if (options_.memory.images < 1)
    fail_usage("a memory of {} images keeps nothing: give at least 1", options_.memory.images);
  const int classes = static_cast<int>(scenario.order.size());
  const int per_class = options_.memory.per_class(classes);
  const int held_out = held_out_share(method, options_.memory, per_class);
  if (per_class <= held_out)
    fail_usage("{} of {} exemplars per class are held out, which leaves none to train on: keep more", held_out,
               per_class);
}

int ReplayBuffer::classes_after(int task) const {
  return std::accumulate(scenario_.classes_per_task.begin(), scenario_.classes_per_task.begin() + task + 1, 0);
}

int ReplayBuffer::kept_per_class(int classes) const { return exemplars_per_class(method_, options_.memory, classes); }

std::vector<int> ReplayBuffer::images_of_class(const Subset& subset, int label) const {
  return of_classes(subset, label, label + 1).images;
}

int ReplayBuffer::held_out_count(int classes, const std::vector<int>& images) const {
  return held_out_of_class(method_, options_.memory, classes, static_cast<int>(images.size()));
}

/// The first images of a class in the order in which images are held out, when `classes` classes are known. The order
/// is the same in every task.
std::vector<int> ReplayBuffer::held_out_of(int task, int label, int classes) const {
  std::vector<int> images = images_of_class(scenario_.train[static_cast<size_t>(task)], label), chosen;
  const std::vector<int> order = permutation(random_key(options_.seed, Stream::held_out), static_cast<uint32_t>(label),
                                             0, static_cast<int>(images.size()));
  const auto count = static_cast<size_t>(held_out_count(classes, images));
  for (size_t i = 0; i < count; ++i)
    chosen.push_back(images[method_.holds_out_first ? i : static_cast<size_t>(order[i])]);
  return chosen;
}

/// For every class, a random part of its training images. Every task draws a new part.
Subset ReplayBuffer::held_out_of_task(int task) const {
  Subset subset, candidates = exemplars();
  if (task == 0) return subset;
  candidates.append(own_images(scenario_.train, task));
  const int classes = classes_after(task);
  for (int k = 0; k < classes; ++k) {
    const std::vector<int> images = images_of_class(candidates, k);
    const auto count = static_cast<size_t>(held_out_count(classes, images));
    const std::vector<int> order = permutation(random_key(options_.seed, Stream::held_out), static_cast<uint32_t>(k),
                                               static_cast<uint32_t>(task), static_cast<int>(images.size()));
    for (size_t i = 0; i < count; ++i) subset.append({{images[static_cast<size_t>(order[i])]}, {k}});
  }
  return subset;
}

/// Holds out a share of the memory, and about as many images of the new classes. The exemplars are the last ones of
/// their classes, taken as evenly as possible; each new class gives its last images, at least one. Every class keeps
/// one image.
Subset ReplayBuffer::held_out_last(int task) const {
  Subset subset;
  const int total = held_out_of_memory(method_, memory_.size()), classes = classes_after(task);
  const int old = static_cast<int>(memory_.classes().size());
  if (task == 0 || total == 0) return subset;
  ExemplarMemory rest = memory_;
  rest.shrink(total / old);
  rest.trim(memory_.size() - total);
  for (int k = 0; k < old; ++k) {
    const std::vector<Exemplar>& all = memory_.classes()[static_cast<size_t>(k)];
    for (size_t rank = std::max<size_t>(1, rest.classes()[static_cast<size_t>(k)].size()); rank < all.size(); ++rank)
      subset.append({{all[rank].index}, {k}});
  }
  const size_t of_new = static_cast<size_t>(std::max(1, total / (classes - old)));
  for (int k = old; k < classes; ++k) {
    const std::vector<int> images = images_of_class(scenario_.train[static_cast<size_t>(task)], k);
    const size_t count = images.empty() ? 0 : std::min(of_new, images.size() - 1);
    for (size_t i = images.size() - count; i < images.size(); ++i) subset.append({{images[i]}, {k}});
  }
  return subset;
}

Subset ReplayBuffer::held_out(int task) const {
  if (method_.hold_out == HoldOut::for_the_task) return held_out_of_task(task);
  if (method_.hold_out == HoldOut::last_for_the_task) return held_out_last(task);
  Subset subset;
  if (!holds_out_of_classes(method_, options_.memory)) return subset;
  int label = 0;
  for (int t = 0; t <= task; ++t)
    for (; label < classes_after(t); ++label)
      for (const int image : held_out_of(t, label, classes_after(task))) subset.append({{image}, {label}});
  return subset;
}

Subset ReplayBuffer::own_images(const std::vector<Subset>& per_task, int task) const {
  Subset subset;
  for (int t = method_.train_on == TrainOn::all_so_far ? 0 : task; t <= task; ++t)
    subset.append(per_task[static_cast<size_t>(t)]);
  return subset;
}

Subset ReplayBuffer::validation(int task) const { return own_images(scenario_.validation, task); }

Subset ReplayBuffer::without_held_out(const Subset& all, int task) const {
  const Subset elsewhere = held_out(task);
  const std::set<int> held(elsewhere.images.begin(), elsewhere.images.end());
  Subset subset;
  for (size_t i = 0; i < all.size(); ++i)
    if (!held.contains(all.images[i])) subset.append({{all.images[i]}, {all.labels[i]}});
  return subset;
}

Subset ReplayBuffer::new_images(int task) const { return without_held_out(own_images(scenario_.train, task), task); }

Subset ReplayBuffer::exemplars() const { return subset_of(memory_); }

Subset ReplayBuffer::training(int task) const {
  Subset subset = own_images(scenario_.train, task);
  subset.append(exemplars());
  return without_held_out(subset, task);
}

/// How images of new classes are selected for a balanced stage. A stage that herds does it in the memory's form, so
/// that both would keep the same images of a class (docs/methods/protocol.md#herding).
static Selection selection_of(const Stage& stage, Selection of_memory) {
  const bool repicks = stage.chosen_by == Selection::herding && of_memory == Selection::herding_repicked;
  return repicks ? of_memory : stage.chosen_by;
}

Subset ReplayBuffer::balanced(int task, const Stage& stage, IncrementalNet* net) const {
  const int classes = classes_after(task), old = static_cast<int>(memory_.classes().size());
  const Subset own = new_images(task);
  const ExemplarMemory before = balanced_memory(memory_, stage);
  const Selection selection = selection_of(stage, options_.selection);
  Subset subset = subset_of(before);
  if (stage.balancing == Balancing::in_total) {
    const std::vector<Exemplar> chosen =
        choose({selection, classes, memory_.size(), task, stage.number}, own.images, net);
    for (const Exemplar& e : chosen) {
      const auto at = std::ranges::find(own.images, e.index) - own.images.begin();
      subset.append({{e.index}, {own.labels[static_cast<size_t>(at)]}});
    }
    return subset;
  }
  const int per_class = stage.balancing == Balancing::smallest ? before.smallest() : kept_per_class(classes);
  for (int k = old; k < classes; ++k)
    for (const Exemplar& e : choose({selection, k, per_class, task, stage.number}, images_of_class(own, k), net))
      subset.append({{e.index}, {k}});
  return subset;
}

std::vector<Exemplar> ReplayBuffer::choose(const Choice& choice, std::vector<int> images, IncrementalNet* net) const {
  Candidates candidates{std::move(images), {}, {}, choice.label};
  if (needs_network(choice.selection)) {
    MNEME_CHECK(net && images_, "the selection '{}' needs a network", name_of(choice.selection));
    ImageOutputs given = collect_outputs(*net, *images_, candidates.indices, true);
    candidates.features = std::move(given.features);
    candidates.logits = std::move(given.logits);
  }
  RandomCounter at{static_cast<uint32_t>(choice.task), static_cast<uint32_t>(choice.stage),
                   static_cast<uint32_t>(choice.label), 0};
  const RandomKey key = random_key(options_.seed, Stream::exemplars);
  const auto draw = [&](uint32_t n) {
    const uint32_t drawn = uniform_int(key, at, n);
    ++at.draw;
    return drawn;
  };
  return select_exemplars(choice.selection, candidates, choice.count, draw, options_.gas);
}

void ReplayBuffer::choose_exemplars(int task, IncrementalNet* net) {
  const int classes = classes_after(task), count = kept_per_class(classes);
  const int first_new = classes - scenario_.classes_per_task[static_cast<size_t>(task)];
  for (int k = 0; options_.reselect_old && k < first_new; ++k) {
    std::vector<int> kept;
    for (const Exemplar& exemplar : memory_.classes()[static_cast<size_t>(k)]) kept.push_back(exemplar.index);
    memory_.set(k, choose({options_.selection, k, count, task}, kept, net));
  }
  memory_.truncate(count);
  const Subset own = method_.hold_out == HoldOut::for_good ? new_images(task) : own_images(scenario_.train, task);
  for (int k = first_new; k < classes; ++k)
    memory_.set(k, choose({options_.selection, k, count, task}, images_of_class(own, k), net));
  if (options_.memory.fill) {
    const size_t elsewhere = method_.hold_out == HoldOut::for_good ? held_out(task).size() : 0;
    memory_.trim(options_.memory.images - static_cast<int>(elsewhere));
  }
}

void ReplayBuffer::set_memory(std::vector<std::vector<Exemplar>> classes) {
  for (size_t k = 0; k < classes.size(); ++k) memory_.set(static_cast<int>(k), std::move(classes[k]));
}

void ReplayBuffer::update(int task, IncrementalNet* net) {
  if (!remembers()) return;
  if (reused_.empty())
    choose_exemplars(task, net);
  else
    set_memory(memory_after(reused_, task, classes_after(task), "the other run's ledger"));
  for (size_t k = 0; k < memory_.classes().size(); ++k)
    for (size_t rank = 0; rank < memory_.classes()[k].size(); ++rank) {
      const Exemplar& exemplar = memory_.classes()[k][rank];
      ledger_.push_back({task, static_cast<int>(k), static_cast<int>(rank), exemplar.index, exemplar.distance});
    }
}

void ReplayBuffer::restore(std::vector<ExemplarRow> ledger, int last_task, int classes) {
  ledger_ = std::move(ledger);
  if (remembers()) set_memory(memory_after(ledger_, last_task, classes, "its ledger"));
}

}  // namespace mneme
