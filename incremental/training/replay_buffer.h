#pragma once
// Which images a task learns from: its own, those remembered of earlier tasks, and those held out for a stage of their
// own. Keeps the memory and the ledger of what it held.

#include <vector>

#include "incremental/memory/exemplar_ledger.h"
#include "incremental/memory/exemplars.h"
#include "incremental/method/method.h"
#include "incremental/protocol/scenario.h"

namespace mneme {

struct ReplayBufferOptions {
  MemoryBudget memory;
  Selection selection = Selection::herding;
  NeuralGasOptions gas = {};
  bool reselect_old = false;  ///< choose old classes' exemplars anew after every task (FACIL) instead of truncating
  uint64_t seed = 1;
};

/// How many images of every class are held out when so many classes are known.
int held_out_per_class(const Method& method, const MemoryBudget& memory, int classes);
/// The same of the whole memory, where HoldOut::last_for_the_task takes a share of it.
int held_out_of_memory(const Method& method, int exemplars);
/// How many are stored.
int exemplars_per_class(const Method& method, const MemoryBudget& memory, int classes);

class ReplayBuffer {
 public:
  /// Scenario, method and images must outlive the replay_buffer. Throws UsageError where a memory would keep nothing.
  ReplayBuffer(const Scenario& scenario, const Method& method, const ImageSource& images, ReplayBufferOptions options);

  /// What the task trains on, exemplars included; images held out are left out.
  Subset training(int task) const;
  Subset validation(int task) const;
  /// The task's own images, without exemplars.
  Subset new_images(int task) const;
  /// All exemplars there are, those held out for the task included.
  Subset exemplars() const;
  /// Images of every class up to this task's, which no other subset of the task has: Method::hold_out.
  Subset held_out(int task) const;
  /// The exemplars, and as many images of each new class, chosen as the stage says with the network as it is.
  Subset balanced(int task, const Stage& stage, IncrementalNet& net) const;

  /// From now on update() keeps what this ledger of another run holds, instead of choosing.
  void reuse(std::vector<ExemplarRow> ledger) { reused_ = std::move(ledger); }

  /// After a task: room is made by dropping the lowest ranks (or by choosing anew), then the new classes are chosen.
  void update(int task, IncrementalNet& net);

  bool remembers() const { return options_.memory.kind != MemoryBudget::Kind::none; }
  bool empty() const { return memory_.empty(); }
  const ExemplarMemory& memory() const { return memory_; }
  const std::vector<ExemplarRow>& ledger() const { return ledger_; }
  /// Takes over a ledger; the memory is what it holds of `last_task`, which has so many classes behind it.
  void restore(std::vector<ExemplarRow> ledger, int last_task, int classes);

 private:
  int classes_after(int task) const;
  int kept_per_class(int classes) const;
  Subset held_out_of_task(int task) const;
  Subset held_out_last(int task) const;
  Subset without_held_out(const Subset& all, int task) const;
  Subset own_images(const std::vector<Subset>& per_task, int task) const;
  std::vector<int> images_of_class(const Subset& subset, int label) const;
  std::vector<int> held_out_of(int task, int label, int count) const;
  struct Choice;  // of exemplars of one class
  void choose_exemplars(int task, IncrementalNet& net);
  void set_memory(std::vector<std::vector<Exemplar>> classes);
  std::vector<Exemplar> choose(const Choice& choice, std::vector<int> candidates, IncrementalNet& net) const;

  const Scenario& scenario_;
  const Method& method_;
  const ImageSource& images_;
  ReplayBufferOptions options_;
  ExemplarMemory memory_;
  std::vector<ExemplarRow> ledger_, reused_;
};

}  // namespace mneme
