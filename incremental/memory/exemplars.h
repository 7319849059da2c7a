#pragma once
// The exemplar memory: for each class learned, the training images kept, as indices in the order of their ranking.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace mneme {

struct Exemplar {
  int index = 0;        ///< of the training image
  double distance = 0;  ///< what the selection ranked by; its meaning is the selection's
};

/// How much is kept.
struct MemoryBudget {
  enum class Kind { none, per_class, total };
  Kind kind = Kind::none;
  int images = 0;         ///< per class, or in total
  bool round_up = false;  ///< total: ceil(K/N) per class as in FACIL; floor never exceeds the budget
  bool fill = false;      ///< total: ceil(K/N) per class, then one image less of so many that K is not exceeded
  int shared_by = 0;      ///< total: classes that share it from the start; 0: those that are known

  /// Exemplars each class may keep once `classes` are known. Throws UsageError when a total budget leaves none.
  int per_class(int classes) const;
};

/// How the vertices of neural_gas() move. The papers leave these numbers open.
struct NeuralGasOptions {
  double step = 0.1;  ///< eps: how far the nearest vertex goes towards an image, as a share of the way
  double decay = 1;   ///< sigma: over how many ranks that share falls to 1/e of it
  int epochs = 10;    ///< how often every image is shown
};

enum class Selection { random, herding, herding_repicked, entropy, distance, first, neural_gas };
/// "random", "herding", "herding-repicked", "entropy", "distance", "first" (as they lie in the data set) or
/// "neural-gas". Throws UsageError, listing them.
Selection selection_named(const std::string& name);
const char* name_of(Selection selection);
/// True if it looks at a network's answers to the candidates.
bool needs_network(Selection selection);

/// What a selection may look at for one class: rows belong to the candidate images, in order.
struct Candidates {
  std::vector<int> indices;                  ///< of training images
  std::vector<std::vector<float>> features;  ///< (n, D), inference mode, no augmentation
  std::vector<std::vector<float>> logits;    ///< (n, classes)
  int label = 0;
};

/// Herding without replacement: k-th pick minimises || mu - (g_i + sum of picks) / k ||, g = f/||f||, mu = mean g.
/// Rebuffi et al., "iCaRL", CVPR 2017, algorithm 4. Ties go to the first. Returns positions, best first, with the
/// distance.
std::vector<Exemplar> herd(const std::vector<std::vector<float>>& features, int count);
/// Herding as iCaRL's and LUCIR's code runs it: an image may be picked again, which moves the target but adds nothing;
/// at most 1000 picks, so fewer than `count` may come back: docs/methods/protocol.md#herding.
std::vector<Exemplar> herd_repicked(const std::vector<std::vector<float>>& features, int count);

/// Chooses min(count, candidates) exemplars, ranked; indices are those of training images. `draw(n)` gives a uniform
/// number in 0..n-1 and is used by random selection and neural gas.
std::vector<Exemplar> select_exemplars(Selection selection, const Candidates& candidates, int count,
                                       const std::function<uint32_t(uint32_t)>& draw, const NeuralGasOptions& gas = {});

/// All classes' exemplars.
class ExemplarMemory {
 public:
  bool empty() const;
  int size() const;
  /// Exemplars of the class that has fewest; 0 without classes.
  int smallest() const;
  const std::vector<std::vector<Exemplar>>& classes() const { return classes_; }
  /// Replaces the exemplars of class k (or adds the next class).
  void set(int k, std::vector<Exemplar> exemplars);
  /// Drops the lowest-ranked exemplars of every class beyond `per_class`.
  void truncate(int per_class);
  /// Drops each class's `count` lowest-ranked exemplars, but for its first.
  void shrink(int count);
  /// Drops the lowest-ranked exemplar of the class that has most, the first of several, until `total` are left.
  void trim(int total);

 private:
  std::vector<std::vector<Exemplar>> classes_;
};

}  // namespace mneme
