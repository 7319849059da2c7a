#pragma once
// Classifiers that grow: one block of classes per task, logits always over all classes seen so far.

#include <memory>
#include <vector>

#include "layers/basic.h"

namespace mneme {

struct Scores {
  Tensor logits;                     ///< (N, classes): what losses and predictions use
  Tensor cosines = {};               ///< (N, classes): the logits before their scale; only cosine and proxy heads
  std::vector<Tensor> weights = {};  ///< per task (n_t, D): the numbers that features are multiplied by; no proxy heads
  Tensor scale = {};                 ///< (1): what made logits of cosines; only cosine and proxy heads
};

/// Whose a parameter is, so that a method can say what learns.
enum class Part : uint8_t {
  backbone,      ///< but for these two
  kernels,       ///< of convolutions whose kernels have factors
  kernel_scale,  ///< those factors
  old_classes,
  new_classes,
  scale,       ///< of a cosine or proxy classifier
  correction,  ///< of the new classes' logits
  settled      ///< corrections of tasks that are over: never learns again
};

/// How a class's logit comes from features: the length of what they are multiplied by, and what is added.
struct ClassWeight {
  double length = 0, bias = 0;
};

/// Features (n, D) of images of one class.
using ClassFeatures = std::vector<std::vector<float>>;

struct Classifier : Module {
  /// Adds `classes` new classes after the existing ones, whose parameters stay bit for bit what they are.
  virtual void add_classes(int classes, Factory& factory) = 0;
  virtual Scores forward(const Tensor& features) const = 0;
  virtual std::unique_ptr<Classifier> copy() const = 0;
  /// Whose one of the classifier's own parameters is. New classes are those of the last add_classes().
  virtual Part part_of(const std::string& name) const = 0;
  /// Of every class, as it reaches the logits: with a cosine's scale, with a correction.
  virtual std::vector<ClassWeight> class_weights() const = 0;
  /// Sets the new classes' weights to what their images look like; `key` is for draws. Throws where a classifier's
  /// weights are no directions of features.
  virtual void imprint(const std::vector<ClassFeatures>& classes, RandomKey key);
  /// Sets what is drawn over logits back to its beginning: a scale to 1, corrections to none.
  virtual void reset() {}
};

/// One affine layer per task over the same features (FACIL's heads). Parameters "heads.<task>.weight" and ".bias".
struct LinearHeads : Classifier {
  int64_t feature_size;
  std::vector<Linear> heads;

  explicit LinearHeads(int64_t features) : feature_size(features) {}
  void add_classes(int classes, Factory& factory) override { heads.emplace_back(feature_size, classes, factory); }
  Scores forward(const Tensor& features) const override;
  std::unique_ptr<Classifier> copy() const override { return std::make_unique<LinearHeads>(*this); }
  std::vector<ClassWeight> class_weights() const override;
  Part part_of(const std::string& name) const override;
  void each_state(const std::string& at, const Visit& visit) override;
};

/// Cosines between features and class weights, times one learned scale:
///   s_c = <f/||f||, w_c/||w_c||>,  logits = eta s
/// Hou et al., "Learning a Unified Classifier Incrementally via Rebalancing", CVPR 2019, section 3.1. No bias; weights
/// ~ U(-1/sqrt(D), 1/sqrt(D)), eta 1 at first. Parameters "heads.<task>.weight" and "scale".
struct CosineHeads : Classifier {
  int64_t feature_size;
  std::vector<Tensor> weights;  // per task (n_t, D)
  Tensor scale;                 // eta (1)

  CosineHeads(int64_t features, Factory& factory) : feature_size(features), scale(factory.constant({1}, 1)) {}
  void add_classes(int classes, Factory& factory) override;
  Scores forward(const Tensor& features) const override;
  std::unique_ptr<Classifier> copy() const override { return std::make_unique<CosineHeads>(*this); }
  std::vector<ClassWeight> class_weights() const override;
  Part part_of(const std::string& name) const override;
  /// w_c = normalise(mean of f/||f|| over the class's images) times the mean length of the old weights (1 without any).
  void imprint(const std::vector<ClassFeatures>& classes, RandomKey key) override;
  void reset() override;
  void each_state(const std::string& at, const Visit& visit) override;

 protected:
  Tensor cosines_with(const Tensor& features) const;
  void set_new_weights(const std::vector<double>& rows, int64_t per_class);
};

/// Several proxies per class, weighed by how near they are:
///   r_cj = -||f/||f|| - w_cj/||w_cj|| ||^2 = 2 cos(f, w_cj) - 2,  s_c = sum_j softmax(r_c)_j r_cj,  logits = eta s
/// Local similarity classifier: Douillard et al., "PODNet", ECCV 2020, eq. 4, as released; the paper writes cosines for
/// r, which halves s and spreads the weights more evenly. s lies in [-4, 0]. Weights ~ N(0, 1/D). Parameters as
/// CosineHeads', proxies of one class after each other.
struct ProxyHeads : CosineHeads {
  int proxies;

  ProxyHeads(int64_t features, Factory& factory, int per_class = 10)
      : CosineHeads(features, factory), proxies(per_class) {}
  void add_classes(int classes, Factory& factory) override;
  Scores forward(const Tensor& features) const override;
  std::unique_ptr<Classifier> copy() const override { return std::make_unique<ProxyHeads>(*this); }
  /// The scale for each class, as for cosines.
  std::vector<ClassWeight> class_weights() const override;
  /// A class's proxies are the centres of k-means among f/||f|| of its images, times the mean length of the old
  /// proxies.
  void imprint(const std::vector<ClassFeatures>& classes, RandomKey key) override;
};

/// Linear heads, and one line through each head's logits, z -> alpha z + beta: Wu et al., "Large Scale Incremental
/// Learning", CVPR 2019, eq. 3 (BiC). alpha = 1 and beta = 0 at first. Parameters as LinearHeads' and
/// "correction.<task>.alpha" and ".beta".
struct CorrectedHeads : LinearHeads {
  std::vector<Tensor> alpha, beta;  // per task (1)

  using LinearHeads::LinearHeads;
  void add_classes(int classes, Factory& factory) override;
  Scores forward(const Tensor& features) const override;
  std::unique_ptr<Classifier> copy() const override { return std::make_unique<CorrectedHeads>(*this); }
  std::vector<ClassWeight> class_weights() const override;
  Part part_of(const std::string& name) const override;
  void reset() override;
  void each_state(const std::string& at, const Visit& visit) override;
};

enum class ClassifierKind { linear, cosine, corrected, proxies };
/// "linear", "cosine", "corrected" or "proxies". Throws UsageError, listing them.
ClassifierKind classifier_named(const std::string& name);
const char* name_of(ClassifierKind kind);
std::unique_ptr<Classifier> make_classifier(ClassifierKind kind, int64_t features, Factory& factory);

}  // namespace mneme
