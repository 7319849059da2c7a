#pragma once
// The exemplar memory: for each class learned, the indices of the training images kept, in the order of their ranking.
// docs/methods/protocol.md#exemplar-memory.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace mneme {

/// One stored image.
struct Exemplar {
  int index = 0;        ///< index of the training image
  double distance = 0;  ///< what the selection ranked by; each selection defines its meaning
};

/// How many exemplars are kept.
struct MemoryBudget {
  /// No memory, a fixed number per class, or a fixed number K in total that all classes share.
  enum class Kind { none, per_class, total };
  Kind kind = Kind::none;  ///< kind of the budget
  int images = 0;          ///< exemplars per class, or K in total
  bool round_up = false;   ///< total: ceil(K/N) per class as in FACIL, which may exceed K; otherwise floor(K/N)
  bool fill = false;       ///< total: ceil(K/N) per class, then one image fewer for as many classes as K requires
  int shared_by = 0;       ///< total: the number N of classes that share K from the start; 0: the classes known so far

  /// Exemplars that each class may keep once `classes` classes are known. Throws UsageError if a budget in total leaves
  /// none.
  int per_class(int classes) const;
};

/// The parameters of neural_gas(). The papers do not state these numbers.
struct NeuralGasOptions {
  double step = 0.1;  ///< eps: the share of the distance to an image that the nearest vertex moves
  double decay = 1;   ///< sigma: the number of ranks over which that share falls by the factor e
  int epochs = 10;    ///< how many times every image is presented
};

/// How exemplars are chosen: docs/methods/protocol.md#other-selections.
enum class Selection { random, herding, herding_repicked, entropy, distance, first, neural_gas };
/// The selection called "random", "herding", "herding-repicked", "entropy", "distance", "first" (in the order of the
/// data set) or "neural-gas". Throws UsageError for other names; the message lists these.
Selection selection_named(const std::string& name);
/// The name that selection_named() accepts.
const char* name_of(Selection selection);
/// True if the selection reads the features or logits of the candidates.
bool needs_network(Selection selection);

/// What a selection may read about one class. Row i belongs to candidate image i.
struct Candidates {
  std::vector<int> indices;                  ///< indices of training images
  std::vector<std::vector<float>> features;  ///< (n, D): inference mode, no augmentation
  std::vector<std::vector<float>> logits;    ///< (n, classes)
  int label = 0;                             ///< the class
};

/// Herding without replacement: the k-th image minimises || mu - (g_i + sum of the images chosen before) / k || with g
/// = f/||f|| and mu = mean g. Rebuffi et al., "iCaRL", CVPR 2017, algorithm 4: docs/methods/protocol.md#herding.
/// features (n, D). Of equal distances the first wins. Returns min(count, n) positions, best first, with their
/// distances.
std::vector<Exemplar> herd(const std::vector<std::vector<float>>& features, int count);
/// Herding as the released code of iCaRL and LUCIR runs it: an image may be chosen again, which moves the target but
/// adds no exemplar. It stops after 1000 choices, so it may return fewer than `count`:
/// docs/methods/protocol.md#herding.
std::vector<Exemplar> herd_repicked(const std::vector<std::vector<float>>& features, int count);

/// Chooses min(count, number of candidates) exemplars, ranked (herding_repicked may choose fewer). The result holds
/// indices of training images. `draw(n)` returns a uniform number in 0..n-1; random selection and neural gas use it.
std::vector<Exemplar> select_exemplars(Selection selection, const Candidates& candidates, int count,
                                       const std::function<uint32_t(uint32_t)>& draw, const NeuralGasOptions& gas = {});

/// The exemplars of all classes.
class ExemplarMemory {
 public:
  /// True if no class has an exemplar.
  bool empty() const;
  /// The number of exemplars of all classes.
  int size() const;
  /// The number of exemplars of the class that has the fewest; 0 if there are no classes.
  int smallest() const;
  /// The exemplars per class, ranked.
  const std::vector<std::vector<Exemplar>>& classes() const { return classes_; }
  /// Replaces the exemplars of class k. A class beyond the last one is added.
  void set(int k, std::vector<Exemplar> exemplars);
  /// Removes the lowest ranks of every class until it has at most `per_class`.
  void truncate(int per_class);
  /// Removes the `count` lowest ranks of every class, but never the first rank.
  void shrink(int count);
  /// Removes the lowest rank of the class with the most exemplars (the first of several) until `total` are left.
  void trim(int total);

 private:
  std::vector<std::vector<Exemplar>> classes_;
};

}  // namespace mneme
