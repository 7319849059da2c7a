#pragma once
// How a batch norm's gradient follows from two sums per channel. The sums are found in a pass of batch norm's own, or
// by the pass that completed the gradient before it (Note [Deferred]), which then computes what follows from them too.

#include <memory>

#include "engine/base/on_device.h"
#include "engine/deferred.h"

namespace mneme {

/// The statistics of a batch: mean and 1/sqrt(variance + eps) of each channel, (C) doubles each.
struct Statistics {
  Tensor place;               ///< holds the memory that the pointers point into
  double* mean = nullptr;     ///< (C): the mean of each channel
  double* inverse = nullptr;  ///< (C): 1/sqrt(variance + eps) of each channel
};

/// Left with the numbers of a batch norm's input, for the pass that completes the gradient of its output.
struct AwaitedGradient {
  Tensor gamma;           ///< (C): the scale of the batch norm
  Statistics statistics;  ///< the mean and the inverse deviation that the batch norm used
  double count;           ///< the number of values per channel, N H W
  bool training;  ///< whether the statistics are those of the batch, so that the gradient also flows through them

  /// What that pass computed for the gradient whose numbers are `of`: the gradients of gamma and beta, (C), and the
  /// coefficients of that of x, (3, C).
  std::weak_ptr<Storage> of;
  Tensor dgamma,  ///< (C): the gradient of gamma
      dbeta,      ///< (C): the gradient of beta
      affine;     ///< (3, C): the coefficients A, B, C of dx = A dy + B x + C
};

/// dx = A dy + B x + C, and the gradients of gamma and beta, from the sums of dy and of dy (x - mean).
template <class R>
struct BatchNormGradient {
  const double *mean,  ///< (C): the mean of each channel
      *inverse;        ///< (C): 1/sqrt(variance + eps) of each channel
  const R* gamma;      ///< (C): the scale of the batch norm
  R *dgamma,           ///< (C): where the gradient of gamma goes
      *dbeta,          ///< (C): where the gradient of beta goes
      *affine;         ///< (3, C): where the coefficients A, B, C go
  double count;        ///< the number of values per channel
  int64_t channels;    ///< the number of channels, C
  bool training;       ///< whether the statistics are those of the batch

  BatchNormGradient() = default;
  /// Reads and writes the memory of `a`, which must outlive this. The tensors of `a` must exist (see prepare()).
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

  /// Writes the gradients and coefficients of channel c from `db`, the sum of dy, and `dy_centred`, the sum of
  /// dy (x - mean).
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
  const double* products = nullptr;    ///< doubles (3, C); null if nobody awaits a gradient
  int64_t row = 0;                     ///< the row of `products` with the sums of dy x: 1 or 2
  BatchNormGradient<R> gradient = {};  ///< where the results go
  /// The bytes that belong to one channel, see engine/launch.h.
  double bytes_each() const { return products ? 4 * sizeof(double) + 6 * sizeof(R) : 0; }
  /// Writes the gradients and coefficients of channel c; does nothing if `products` is null.
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
  /// The bytes that belong to one channel, see engine/launch.h.
  double bytes_each() const { return first.bytes_each() + second.bytes_each(); }
  ON_DEVICE void operator()(int64_t c) const {
    first(c);
    second(c);
  }
};

}  // namespace mneme
