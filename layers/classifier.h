#pragma once
// Classifiers to which every task adds classes. Their logits are always over all classes seen so far.

#include <memory>
#include <span>
#include <vector>

#include "layers/basic.h"

namespace mneme {

/// The results of a classifier for a batch.
struct Scores {
  Tensor logits;        ///< (N, classes): used by losses and predictions
  Tensor cosines = {};  ///< (N, classes): the logits before their scale; only from cosine and proxy heads
  /// For each task (n_t, D): the weights that multiply the features. Not from proxy heads.
  std::vector<Tensor> weights = {};
  Tensor scale = {};  ///< (1): the factor from cosines to logits; only from cosine and proxy heads
};

/// The groups of parameters, so that a method can state which of them learn.
enum class Part : uint8_t {
  backbone,       ///< the backbone, except for the two groups below
  kernels,        ///< kernels of convolutions that have factors (Conv2d::Options::scaled)
  kernel_scale,   ///< the factors of those kernels
  old_classes,    ///< weights of the classes of earlier tasks
  new_classes,    ///< weights of the classes of the newest task
  later_classes,  ///< weights of the classes of tasks to come: Classifier::reserve()
  scale,          ///< the scale of a cosine or proxy classifier
  correction,     ///< the correction of the new classes' logits
  settled         ///< corrections of earlier tasks: they never learn again
};

/// How a class's logit depends on the features.
struct ClassWeight {
  double length = 0,  ///< length of the weights that multiply the features
      bias = 0;       ///< what is added
};

/// The features (n, D) of images of one class.
using ClassFeatures = std::vector<std::vector<float>>;

/// The last layers of a network.
struct Classifier : Module {
  /// Adds `classes` new classes after the existing ones. The parameters of the existing classes do not change in any
  /// bit.
  virtual void add_classes(int classes, Factory& factory) = 0;
  /// Makes the weights of these tasks now, before the first add_classes(), which then takes them in this order instead
  /// of making its own. No score depends on weights that wait, but an optimiser with weight decay shrinks them. Throws
  /// UsageError unless the classifier is linear.
  virtual void reserve(std::span<const int> task_sizes, Factory& factory);
  /// The scores of features (N, D). Throws Error for other shapes, types or devices.
  virtual Scores forward(const Tensor& features) const = 0;
  /// A copy that shares the numbers until own_state() gives the copy its own.
  virtual std::unique_ptr<Classifier> copy() const = 0;
  /// The group (`Part`) that this parameter of the classifier belongs to. New classes are those of the last
  /// add_classes().
  virtual Part part_of(const std::string& name) const = 0;
  /// The weight of every class as it acts on the logits: with the scale of cosines, and with corrections.
  virtual std::vector<ClassWeight> class_weights() const = 0;
  /// Sets the weights of the new classes from the features of their images, one entry per new class; `key` is for
  /// random draws. Throws Error if the classifier's weights are not directions of features, or if the classes do not
  /// fit.
  virtual void imprint(const std::vector<ClassFeatures>& classes, RandomKey key);
  /// Resets what is learned on top of the logits: a scale to 1, corrections to none.
  virtual void reset() {}
};

/// One affine layer for each task over the same features (FACIL's heads). The parameters are "heads.<task>.weight" and
/// "heads.<task>.bias".
struct LinearHeads : Classifier {
  int64_t feature_size;          ///< D
  std::vector<Linear> heads;     ///< one for each task
  std::vector<Linear> reserved;  ///< one for each task to come, in order: reserve()

  /// A classifier without classes. `features` is D, the length of a feature vector.
  explicit LinearHeads(int64_t features) : feature_size(features) {}
  void add_classes(int classes, Factory& factory) override;
  void reserve(std::span<const int> task_sizes, Factory& factory) override;
  Scores forward(const Tensor& features) const override;
  std::unique_ptr<Classifier> copy() const override { return std::make_unique<LinearHeads>(*this); }
  std::vector<ClassWeight> class_weights() const override;
  Part part_of(const std::string& name) const override;
  void each_state(const std::string& at, const Visit& visit) override;
};

/// Cosines between features and class weights, multiplied by one learned scale:
///   s_c = <f/||f||, w_c/||w_c||>,  logits = eta s
/// Hou et al., "Learning a Unified Classifier Incrementally via Rebalancing", CVPR 2019, section 3.1. There is no bias;
/// weights ~ U(-1/sqrt(D), 1/sqrt(D)), and eta is 1 at first. The parameters are "heads.<task>.weight" and "scale".
struct CosineHeads : Classifier {
  int64_t feature_size;         ///< D
  std::vector<Tensor> weights;  ///< one for each task, (n_t, D)
  Tensor scale;                 ///< eta (1)

  /// No classes yet; `features` is D.
  CosineHeads(int64_t features, Factory& factory) : feature_size(features), scale(factory.constant({1}, 1)) {}
  void add_classes(int classes, Factory& factory) override;
  Scores forward(const Tensor& features) const override;
  std::unique_ptr<Classifier> copy() const override { return std::make_unique<CosineHeads>(*this); }
  std::vector<ClassWeight> class_weights() const override;
  Part part_of(const std::string& name) const override;
  /// Sets w_c to the direction of the mean of f/||f|| over the images of the class, times the mean length of the old
  /// weights (1 if there are none).
  void imprint(const std::vector<ClassFeatures>& classes, RandomKey key) override;
  void reset() override;
  void each_state(const std::string& at, const Visit& visit) override;

 protected:
  /// The cosines of features (N, D) with all weights: (N, weights of all tasks).
  Tensor cosines_with(const Tensor& features) const;
  /// Overwrites the weights of the new classes with `rows`, `per_class` rows of D numbers for each class. Throws Error
  /// if their number does not fit.
  void set_new_weights(const std::vector<double>& rows, int64_t per_class);
};

/// Several proxies for each class, weighted by how near they are:
///   r_cj = -||f/||f|| - w_cj/||w_cj|| ||^2 = 2 cos(f, w_cj) - 2,  s_c = sum_j softmax(r_c)_j r_cj,  logits = eta s
/// This is the local similarity classifier of Douillard et al., "PODNet", ECCV 2020, eq. 4, as in the released code.
/// The paper writes cosines for r, which halves s and makes the weights more even. s lies in [-4, 0]. Weights ~ N(0,
/// 1/D). The parameters are named as those of CosineHeads; the proxies of one class follow one another.
struct ProxyHeads : CosineHeads {
  int proxies;  ///< proxies of each class

  /// No classes yet; `features` is D.
  ProxyHeads(int64_t features, Factory& factory, int per_class = 10)
      : CosineHeads(features, factory), proxies(per_class) {}
  void add_classes(int classes, Factory& factory) override;
  Scores forward(const Tensor& features) const override;
  std::unique_ptr<Classifier> copy() const override { return std::make_unique<ProxyHeads>(*this); }
  /// The scale is the length for every class, as for cosines.
  std::vector<ClassWeight> class_weights() const override;
  /// Sets the proxies of a class to the centres that k-means finds among f/||f|| of its images, times the mean length
  /// of the old proxies (1 if there are none).
  void imprint(const std::vector<ClassFeatures>& classes, RandomKey key) override;
};

/// Linear heads whose logits are corrected by one linear function for each head, z -> alpha z + beta: Wu et al., "Large
/// Scale Incremental Learning", CVPR 2019, eq. 3 (BiC). alpha is 1 and beta 0 at first. The parameters are those of
/// LinearHeads and "correction.<task>.alpha" and "correction.<task>.beta".
struct CorrectedHeads : LinearHeads {
  std::vector<Tensor> alpha,  ///< one for each task, (1)
      beta;                   ///< one for each task, (1)

  using LinearHeads::LinearHeads;
  void add_classes(int classes, Factory& factory) override;
  Scores forward(const Tensor& features) const override;
  std::unique_ptr<Classifier> copy() const override { return std::make_unique<CorrectedHeads>(*this); }
  std::vector<ClassWeight> class_weights() const override;
  Part part_of(const std::string& name) const override;
  void reset() override;
  void each_state(const std::string& at, const Visit& visit) override;
};

/// The classifiers by kind.
enum class ClassifierKind { linear, cosine, corrected, proxies };
/// The kind of this name: "linear", "cosine", "corrected" or "proxies". Throws UsageError, listing them, for other
/// names.
ClassifierKind classifier_named(const std::string& name);
/// The name of a kind.
const char* name_of(ClassifierKind kind);
/// A classifier without classes for features of length `features`.
std::unique_ptr<Classifier> make_classifier(ClassifierKind kind, int64_t features, Factory& factory);

}  // namespace mneme
