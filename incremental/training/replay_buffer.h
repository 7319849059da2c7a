#pragma once
// The replay buffer decides which images a task learns from: its own images, exemplars of earlier tasks, and held-out
// images. It owns the exemplar memory and the ledger of its contents.

#include <vector>

#include "incremental/memory/exemplar_ledger.h"
#include "incremental/memory/exemplars.h"
#include "incremental/method/method.h"
#include "incremental/protocol/scenario.h"

namespace mneme {

/// Options of the replay buffer.
struct ReplayBufferOptions {
  MemoryBudget memory;                       ///< how many exemplars are kept
  Selection selection = Selection::herding;  ///< how they are selected
  NeuralGasOptions gas = {};                 ///< for Selection::neural_gas
  /// Select the exemplars of old classes anew after every task (FACIL) instead of truncating.
  bool reselect_old = false;
  uint64_t seed = 1;  ///< the run's seed
};

/// The number of images that are held out of a class with `images` images when `classes` classes are known: a share of
/// what the memory may keep of the class, and of `images` where the class has fewer. The class keeps one image at
/// least. 0 without a memory and for HoldOut::last_for_the_task.
int held_out_of_class(const Method& method, const MemoryBudget& memory, int classes, int images);

/// Chooses and stores exemplars, and composes the image subsets of each task.
class ReplayBuffer {
 public:
  /// `scenario`, `method` and `images` must outlive the replay buffer. Throws UsageError if the memory would keep no
  /// exemplar.
  ReplayBuffer(const Scenario& scenario, const Method& method, const ImageSource& images, ReplayBufferOptions options);
  /// A replay buffer without images, which counts what a run would train on. Its selection must not need a network.
  ReplayBuffer(const Scenario& scenario, const Method& method, ReplayBufferOptions options);

  /// The training images of a task: its own images and the exemplars, without the held-out images.
  Subset training(int task) const;
  /// The validation images of a task.
  Subset validation(int task) const;
  /// The task's own training images, without exemplars and held-out images.
  Subset new_images(int task) const;
  /// All exemplars, including those held out for the task.
  Subset exemplars() const;
  /// The held-out images of the classes up to this task, which no other subset of the task contains: Method::hold_out.
  Subset held_out(int task) const;
  /// The exemplars, and images of the new classes to balance them, selected as `stage` states with the network `net`.
  Subset balanced(int task, const Stage& stage, IncrementalNet& net) const { return balanced(task, stage, &net); }
  /// The balanced subset of a stage that selects without a network.
  Subset balanced(int task, const Stage& stage) const { return balanced(task, stage, nullptr); }

  /// From now on update() takes the exemplars from this ledger of another run instead of selecting them.
  void reuse(std::vector<ExemplarRow> ledger) { reused_ = std::move(ledger); }

  /// Updates the memory after a task: old classes lose their lowest ranks (or are selected anew), then exemplars of the
  /// new classes are selected. Adds the memory to the ledger.
  void update(int task, IncrementalNet& net) { update(task, &net); }
  /// Updates the memory by a selection that needs no network.
  void update(int task) { update(task, nullptr); }

  /// True if there is a memory budget.
  bool remembers() const { return options_.memory.kind != MemoryBudget::Kind::none; }
  /// True if there are no exemplars.
  bool empty() const { return memory_.empty(); }
  /// The exemplar memory.
  const ExemplarMemory& memory() const { return memory_; }
  /// The exemplars after each task so far.
  const std::vector<ExemplarRow>& ledger() const { return ledger_; }
  /// Restores a ledger; the memory becomes its content after `last_task`, when `classes` classes were known. Throws
  /// Error if the ledger does not fit these numbers.
  void restore(std::vector<ExemplarRow> ledger, int last_task, int classes);

 private:
  Subset balanced(int task, const Stage& stage, IncrementalNet* net) const;
  void update(int task, IncrementalNet* net);
  int classes_after(int task) const;
  int kept_per_class(int classes) const;
  Subset held_out_of_task(int task) const;
  Subset held_out_last(int task) const;
  Subset without_held_out(const Subset& all, int task) const;
  Subset own_images(const std::vector<Subset>& per_task, int task) const;
  std::vector<int> images_of_class(const Subset& subset, int label) const;
  int held_out_count(int classes, const std::vector<int>& images) const;
  std::vector<int> held_out_of(int task, int label, int classes) const;
  struct Choice;  // a selection of exemplars of one class
  void choose_exemplars(int task, IncrementalNet* net);
  void set_memory(std::vector<std::vector<Exemplar>> classes);
  std::vector<Exemplar> choose(const Choice& choice, std::vector<int> candidates, IncrementalNet* net) const;

  const Scenario& scenario_;
  const Method& method_;
  const ImageSource* images_ = nullptr;  ///< null if the buffer only counts images, as a plan does
  ReplayBufferOptions options_;
  ExemplarMemory memory_;
  std::vector<ExemplarRow> ledger_, reused_;
};

}  // namespace mneme
