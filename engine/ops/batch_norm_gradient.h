#pragma once
// How a batch norm's gradient follows from two sums per channel. The sums are found in a pass of batch norm's own, or
// by the pass that completed the gradient before it (Note [Deferred]), which then computes what follows from them too.

#include <memory>

#include "engine/base/on_device.h"
#include "engine/deferred.h"

namespace mneme {

/// What one pass leaves behind: per channel, mean and 1/sqrt(variance + eps), (C) doubles each.
struct Statistics {
  Tensor place;  // keeps the memory
  double* mean = nullptr;
  double* inverse = nullptr;
};

/// Left with the numbers of a batch norm's input, for the pass that completes the gradient of its output.
struct AwaitedGradient {
  Tensor gamma;
  Statistics statistics;
  double count;  // of values per channel
  bool training;

  /// What that pass computed for the gradient whose numbers are `of`: the gradients of gamma and beta, (C), and the
  /// coefficients of that of x, (3, C).
  std::weak_ptr<Storage> of;
  Tensor dgamma, dbeta, affine;
};

/// dx = A dy + B x + C, and the gradients of gamma and beta, from the sums of dy and of dy (x - mean).
template <class R>
struct BatchNormGradient {
  const double *mean, *inverse;
  const R* gamma;
  R *dgamma, *dbeta, *affine;
  double count;
  int64_t channels;
  bool training;

  BatchNormGradient() = default;
  explicit BatchNormGradient(const AwaitedGradient& a)
      : mean(a.statistics.mean),
        inverse(a.statistics.inverse),
        gamma(a.gamma.data<R>()),
        dgamma(a.dgamma.data<R>()),
        dbeta(a.dbeta.data<R>()),
        affine(a.affine.data<R>()),
        count(a.count),
        channels(a.gamma.size()),
        training(a.training) {}

  ON_DEVICE void from_sums(int64_t c, double db, double dy_centred) const {
    const double dg = dy_centred * inverse[c], slope = gamma[c] * inverse[c];
    dbeta[c] = static_cast<R>(db);
    dgamma[c] = static_cast<R>(dg);
    const double per_x = training ? -slope * dg * inverse[c] / count : 0;
    affine[c] = static_cast<R>(slope);
    affine[channels + c] = static_cast<R>(per_x);
    affine[2 * channels + c] = static_cast<R>(training ? -slope * db / count - per_x * mean[c] : 0);
  }
};

/// The same from `products` in the form of FusedStatistics::products: sums of dy, and in `row` of dy x.
template <class R>
struct GradientFromProducts {
  const double* products = nullptr;  // null: nobody awaits anything
  int64_t row = 0;
  BatchNormGradient<R> gradient = {};
  ON_DEVICE void operator()(int64_t c) const {
    if (!products) return;
    const double db = products[c];
    gradient.from_sums(c, db, products[row * gradient.channels + c] - gradient.mean[c] * db);
  }
};

/// Memory for what will be found.
inline void prepare(AwaitedGradient& awaited) {
  const Tensor& gamma = awaited.gamma;
  awaited.dgamma = Tensor::empty(gamma.shape(), gamma.options());
  awaited.dbeta = Tensor::empty(gamma.shape(), gamma.options());
  awaited.affine = Tensor::empty({3, gamma.size()}, gamma.options());
}

template <class First, class Second>
struct Both {
  First first;
  Second second;
  ON_DEVICE void operator()(int64_t c) const {
    first(c);
    second(c);
  }
};

}  // namespace mneme
