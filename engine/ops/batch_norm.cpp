// Batch normalisation: Ioffe and Szegedy, "Batch Normalization", ICML 2015. With M = N H W values per channel and
//   mean = sum x / M     variance = sum (x - mean)^2 / M     r = 1 / sqrt(variance + eps)     xhat = (x - mean) r
//   y = gamma xhat + beta
// training:    dgamma = sum dy xhat    dbeta = sum dy    dx = gamma r (dy - dbeta / M - xhat dgamma / M)
//
// inference:   mean and variance are the running ones, which are constants: dx = gamma r dy
//
// Both directions are affine maps for each channel, y = a x + b and dx = A dy + B x + C: one pass over the images finds
// the statistics, and another one applies the map. batch_norm_fused.h can save either pass.

#include <cmath>

#include "engine/device.h"
#include "engine/launch.h"
#include "engine/ops.h"
#include "engine/ops/batch_norm_fused.h"
#include "engine/ops/batch_norm_gradient.h"
#include "engine/ops/inputs.h"
#include "engine/ops/packs.h"

namespace mneme {
namespace {

/// One value of each channel. Moments sums the distances to it, because sums of x itself would lose the variance of a
/// channel whose mean is much larger than its deviation. It is the channel's first value in memory, at a distance of
/// `step` from that of the next channel.
template <class S>
struct Origins {
  const S* first = nullptr;  // the value of the first channel; null: all values are zero
  int64_t step = 0;
  ON_DEVICE Arithmetic<S> operator()(int64_t c) const { return first ? Arithmetic<S>(first[c * step]) : 0; }
};

template <class S>
struct CollectOrigins {
  const S* x;
  S* origins;
  ImageView view;
  double bytes_each() const { return 2 * sizeof(S); }
  ON_DEVICE void operator()(int64_t c) const { origins[c] = x[image_index(view, 0, c, 0)]; }
};

template <class S>
struct Moments {
  using R = Arithmetic<S>;
  const S* x;
  Origins<S> origin;
  double bytes_each() const { return sizeof(S); }
  ON_DEVICE void operator()(int64_t i, int64_t c, R* term) const {
    const R d = x[i] - origin(c);
    term[0] = d, term[1] = d * d;
  }

  static constexpr int pack = pack_of<S>;
  bool packs() const { return all_aligned(x); }
  ON_DEVICE void several(int64_t i, int64_t c, R (&term)[2][pack]) const {
    S in[pack];
    read_pack(x + i, in);
    for (int k = 0; k < pack; ++k) {
      const R d = in[k] - origin(c + k);
      term[0][k] = d, term[1][k] = d * d;
    }
  }
};

template <class S>
struct GradientMoments {
  using R = Arithmetic<S>;
  const S *x, *dy;
  const double* mean;
  double bytes_each() const { return 2 * sizeof(S); }
  ON_DEVICE void operator()(int64_t i, int64_t c, R* term) const {
    term[0] = dy[i], term[1] = dy[i] * (x[i] - R(mean[c]));
  }

  static constexpr int pack = pack_of<S>;
  bool packs() const { return all_aligned(x, dy); }
  ON_DEVICE void several(int64_t i, int64_t c, R (&term)[2][pack]) const {
    S in[pack], gradient[pack];
    read_pack(x + i, in);
    read_pack(dy + i, gradient);
    for (int k = 0; k < pack; ++k) term[0][k] = gradient[k], term[1][k] = gradient[k] * (in[k] - R(mean[c + k]));
  }
};

Statistics new_statistics(Device device, int64_t channels) {
  Statistics s{channel_doubles(device, 2, channels)};
  s.mean = doubles_in(s.place);
  s.inverse = s.mean + channels;
  return s;
}

/// Turns the two sums into mean and inverse deviation, and updates the running statistics.
template <class S>
struct FromSums {
  using R = Arithmetic<S>;
  const double* sums;
  Origins<S> origin;
  double *mean, *inverse;
  R *running_mean, *running_variance;
  double count, momentum, eps;
  int64_t channels;
  double bytes_each() const { return 4 * sizeof(double) + (running_mean ? 4 * sizeof(R) : 0); }
  ON_DEVICE void operator()(int64_t c) const {
    const double shift = sums[c] / count, spread = sums[channels + c] / count - shift * shift;
    const double variance = spread < 0 ? 0 : spread;
    mean[c] = static_cast<double>(origin(c)) + shift;
    inverse[c] = 1 / std::sqrt(variance + eps);
    if (!running_mean) return;
    running_mean[c] = static_cast<R>((1 - momentum) * running_mean[c] + momentum * mean[c]);
    running_variance[c] =
        static_cast<R>((1 - momentum) * running_variance[c] + momentum * variance * count / (count - 1));
  }
};

template <class R>
struct FromRunning {
  const R *running_mean, *running_variance;
  double *mean, *inverse;
  double eps;
  double bytes_each() const { return 2 * (sizeof(R) + sizeof(double)); }
  ON_DEVICE void operator()(int64_t c) const {
    mean[c] = running_mean[c];
    inverse[c] = 1 / std::sqrt(running_variance[c] + eps);
  }
};

/// An affine map has three rows of coefficients: of x, of a second tensor, and the constants.
template <class R>
struct ForwardCoefficients {
  const double *mean, *inverse;
  const R *gamma, *beta;
  R* affine;
  int64_t channels;
  double bytes_each() const { return 2 * sizeof(double) + 5 * sizeof(R); }
  ON_DEVICE void operator()(int64_t c) const {
    affine[c] = static_cast<R>(gamma[c] * inverse[c]);
    affine[channels + c] = 1;
    affine[2 * channels + c] = static_cast<R>(beta[c] - gamma[c] * inverse[c] * mean[c]);
  }
};

/// From the sums of a pass of batch norm's own.
template <class R>
struct GradientFromSums {
  const double* sums;
  BatchNormGradient<R> gradient;
  double bytes_each() const { return 4 * sizeof(double) + 6 * sizeof(R); }
  ON_DEVICE void operator()(int64_t c) const { gradient.from_sums(c, sums[c], sums[gradient.channels + c]); }
};

/// The origins of x, where they lie in x itself at equal distances; otherwise, in blocks of channels, collected in
/// `place`.
template <class S>
Origins<S> origins_of(const Tensor& x, Tensor& place) {
  const ImageView view = image_view(x);
  if (view.lanes == 1) return {x.data<S>(), view.pixels};
  if (view.groups == 1) return {x.data<S>(), 1};
  place = Tensor::empty({view.channels()}, {x.device(), x.dtype(), Layout::plain});
  for_each(x.device(), view.channels(), CollectOrigins<S>{x.data<S>(), place.data<S>(), view});
  return {place.data<S>(), 1};
}

/// Forms the batch's statistics from the sums of x - origin and of (x - origin)^2 and then calls `finish` for each
/// channel. The convolution that made x may have stored these sums; otherwise they take a pass of their own.
template <class S, class Finish>
void batch_statistics(const Tensor& x, const Statistics& s, BatchNormStatistics& running,
                      const BatchNormOptions& options, const Finish& finish) {
  using R = Arithmetic<S>;
  const ImageView view = image_view(x);
  const Device device = x.device();
  R *running_mean = nullptr, *running_variance = nullptr;
  if (options.update_running) running_mean = running.mean.data<R>(), running_variance = running.variance.data<R>();
  const auto from = [&](const Tensor& sums, Origins<S> origins) {
    return Both<FromSums<S>, Finish>{
        {doubles_in(sums), origins, s.mean, s.inverse, running_mean, running_variance,
         static_cast<double>(view.images * view.pixels), options.momentum, options.eps, view.channels()},
        finish};
  };
  if (const Tensor found = fused_moments(x)) return for_each(device, view.channels(), from(found, {}));
  const Tensor sums = channel_doubles(device, 2, view.channels());
  Tensor place;
  const Origins<S> origins = origins_of<S>(x, place);
  channel_sums<2, R>(device, view, Moments<S>{x.data<S>(), origins}, doubles_in(sums), from(sums, origins));
}

void check(const Tensor& x, const Tensor& gamma, const Tensor& beta, const BatchNormStatistics& running,
           const BatchNormOptions& options) {
  MNEME_CHECK(x.rank() == 4 && gamma.size() == x.dim(1) && beta.size() == x.dim(1),
              "batch_norm: expected x (N, C, H, W) with C values of gamma and beta, got {}, {} and {}",
              x.shape().text(), gamma.shape().text(), beta.shape().text());
  for (const Tensor* other : {&gamma, &beta}) check_computes_with("batch_norm", x, *other);
  if (!options.training || options.update_running)
    for (const Tensor* statistic : {&running.mean, &running.variance}) {
      MNEME_CHECK(statistic->defined() && statistic->size() == x.dim(1),
                  "batch_norm: expected {} running means and variances, got {}", x.dim(1),
                  statistic->defined() ? statistic->shape().text() : "none");
      check_computes_with("batch_norm", x, *statistic);
    }
  MNEME_CHECK(
      !options.training || x.size() / x.dim(1) > 1,
      "batch_norm: one value per channel has no variance ({}); use larger images, a larger batch or inference mode",
      x.shape().text());
}

/// `awaited`'s gradients of dy, from sums that the convolution that made dy found or from those of a pass of our own.
template <class S>
void find_gradients(const Tensor& x, const Tensor& dy, const AwaitedGradient& awaited) {
  using R = Arithmetic<S>;
  const ImageView view = image_view(x);
  const BatchNormGradient<R> gradient(awaited);
  if (const FusedProducts found = fused_products(x, dy); found.sums)
    return for_each(x.device(), view.channels(), GradientFromProducts<R>{doubles_in(found.sums), found.row, gradient});
  const Tensor sums = channel_doubles(x.device(), 2, view.channels());
  channel_sums<2, R>(x.device(), view, GradientMoments<S>{x.data<S>(), dy.data<S>(), awaited.statistics.mean},
                     doubles_in(sums), GradientFromSums<R>{doubles_in(sums), gradient});
}

Grads gradients(const Tensor& x, AwaitedGradient& awaited, const Tensor& dy_any) {
  const Tensor dy = dy_any.to(x.layout());
  if (awaited.of.lock() != dy.state()->storage) {
    prepare(awaited);
    with_stored(x.dtype(), [&](auto kind) { find_gradients<decltype(kind)>(x, dy, awaited); });
  }
  awaited.of.reset();
  return {affine_output(ChannelAffine{dy, x, std::move(awaited.affine)}), std::move(awaited.dgamma),
          std::move(awaited.dbeta)};
}

}  // namespace

Tensor batch_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, BatchNormStatistics& running,
                  BatchNormOptions options) {
  check(x, gamma, beta, running, options);
  const int64_t channels = x.dim(1);
  Statistics s = new_statistics(x.device(), channels);
  ChannelAffine affine{x.detach(), {}, Tensor::empty({3, channels}, gamma.options())};
  with_stored(x.dtype(), [&](auto kind) {
    using S = decltype(kind);
    using R = Arithmetic<S>;
    const ForwardCoefficients<R> coefficients{
        s.mean, s.inverse, gamma.data<R>(), beta.data<R>(), affine.coefficients.data<R>(), channels};
    if (options.training)
      batch_statistics<S>(x, s, running, options, coefficients);
    else
      for_each(x.device(), channels,
               Both<FromRunning<R>, ForwardCoefficients<R>>{
                   {running.mean.data<R>(), running.variance.data<R>(), s.mean, s.inverse, options.eps}, coefficients});
  });
  const Tensor y = affine_output(std::move(affine));
  const auto awaited = std::make_shared<AwaitedGradient>(
      AwaitedGradient{gamma.detach(), s, static_cast<double>(x.size() / channels), options.training, {}, {}, {}, {}});
  if (will_record({x, gamma, beta})) x.state()->storage->awaited = awaited;
  return record(
      "batch_norm", y, {x, gamma, beta},
      [x = x.detach(), awaited](const Tensor& dy, NeedsInputGrad&) -> Grads { return gradients(x, *awaited, dy); });
}

}  // namespace mneme
