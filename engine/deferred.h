#pragma once
// Note [Deferred]
// On a device that fuses operations, batch norm does not compute its output. Its result is deferred: it holds an affine
// map for each channel, y = a x + c. ReLU and addition extend the map to y = relu?(a x + a2 x2 + c), where "relu?"
// means with or without ReLU. A convolution may apply the map while it loads its input; then y never exists in memory.
// If anything else reads y, its numbers are computed at that moment, in one pass. The gradient of batch norm has the
// same form, dx = A dy + B x + C. Layers and losses do not see any of this: they call conv2d, batch_norm, relu and add.
// A deferred tensor keeps the tensors that its map reads alive until its numbers are computed or it is destroyed.
// backward() computes them when it releases the node that made the tensor.
//
// Where no gradient will be needed, the output of a convolution itself may be deferred (LazyProducer). If only an
// affine map reads it, as in the batch norm of inference, the convolution applies that map while it writes, and its own
// output never exists.
//
// A tensor can also carry statistics that were computed while it was written (FusedStatistics). The pass that completes
// the gradient of a convolution's input also masks it for the ReLU that made the input, and forms the sums that the
// batch norm before needs. If that batch norm has left word with its input (AwaitedGradient), the pass also computes the
// coefficients of the batch norm's gradient. The statistics name the tensors they hold for, so that statistics of other
// tensors are never used. All code works without them too.

#include <memory>

#include "engine/tensor.h"

namespace mneme {

/// The affine map of a deferred tensor: relu?(a x + a2 x2 + c) for each channel.
struct ChannelAffine {
  Tensor x,             ///< (N, C, H, W)
      x2;               ///< of the same shape and layout; may be undefined
  Tensor coefficients;  ///< (3, C): a, a2, c; without x2, a2 is 1, so that a tensor can be added as it is
  bool relu = false;    ///< whether a ReLU follows
};

struct Storage;

/// Sums over a tensor that were formed while it was written; undefined or null where they were not.
struct FusedStatistics {
  Tensor moments;  ///< doubles (2, C): the sums of y and of y^2, where y are the numbers of this tensor
  std::weak_ptr<Storage> masked_by;  ///< this gradient is 0 already wherever that tensor is not positive
  Tensor products;           ///< doubles (3, C): the sums of g, g z and g z2, where g are the numbers of this gradient
  std::weak_ptr<Storage> z,  ///< the tensor z of those sums
      z2;                    ///< the tensor z2; may be null
};

/// What the affine map of a tensor was, once it has been applied. It does not keep the map's tensors alive.
struct Origin {
  std::weak_ptr<Storage> x,  ///< the tensor x of the map
      x2;                    ///< the tensor x2 of the map, or null
  bool relu = false;         ///< whether a ReLU followed
};

/// Computes the numbers of a tensor when they are first read. It holds what they depend on in the state of the moment
/// when the tensor was made: weights that change later do not change the numbers.
class LazyProducer {
 public:
  virtual ~LazyProducer() = default;
  /// Returns the numbers x of the tensor or, if `affine` is given, the numbers that this map makes of x.
  virtual std::shared_ptr<Buffer> make(const ChannelAffine* affine) const = 0;
};

struct AwaitedGradient;  // engine/ops/batch_norm_gradient.h

/// The numbers of one or several tensors, or what will compute them: at most one of `affine` and `producer`.
struct Storage {
  std::shared_ptr<Buffer> buffer;                ///< null until the numbers exist
  std::unique_ptr<const ChannelAffine> affine;   ///< null once it has been applied
  std::unique_ptr<const LazyProducer> producer;  ///< null once it has made the numbers
  Origin origin;                                 ///< the map that made the numbers, if one did
  FusedStatistics fused_statistics;              ///< sums formed while the numbers were written
  std::weak_ptr<AwaitedGradient> awaited;        ///< by the batch norm whose input these numbers are
};

/// A tensor that becomes relu?(a x + a2 x2 + c) when its numbers are first read; shape and options are those of x.
Tensor deferred(ChannelAffine affine);
/// A tensor whose numbers `producer` makes when they are first read.
Tensor deferred(const Shape& shape, TensorOptions tensor_options, std::unique_ptr<const LazyProducer> producer);
/// The affine map of a tensor whose numbers do not exist yet; otherwise null.
const ChannelAffine* pending(const Tensor& t);
/// True if the numbers of this tensor exist in memory.
bool has_numbers(const Tensor& t);
/// Computes the numbers of `storage` unless they exist.
void ensure_numbers(Storage& storage);
/// New memory for a tensor of this shape. Throws Error if the device has no more.
std::shared_ptr<Buffer> buffer_for(const Shape& shape, TensorOptions tensor_options);
/// What remains to be done to the gradient of a convolution's input x: add the part that came from other consumers and,
/// if a ReLU made x, mask the gradient for it and form the sums that the batch norms before it need.
struct Completion {
  Tensor made,  ///< the input x
      waiting;  ///< the part of the gradient from other consumers; may be undefined
  std::shared_ptr<Storage>
      z,   ///< the tensor x of the map that made the input, if it has numbers made without a map; or null
      z2;  ///< likewise the tensor x2; null if it is x again

  /// Finds out what there is to do for x.
  Completion(const Tensor& x, const Tensor& waiting);
  /// False if there is nothing to mask and sum.
  bool applies() const { return z != nullptr; }
  /// Stores in g that it was completed in this way; `products` has the form of FusedStatistics::products.
  void record(const Tensor& g, const Tensor& products) const;
};
/// Completes the gradient dx of x in a pass of its own: (N, C, H, W) -> the same shape.
Tensor complete_gradient(const Completion& completion, const Tensor& dx);

/// The address of the numbers of `storage`, which must exist; null for null.
template <class R>
R* numbers_in(const std::shared_ptr<Storage>& storage) {
  return storage ? reinterpret_cast<R*>(storage->buffer->data()) : nullptr;
}
/// Memory for (rows, channels) doubles, on any device, uninitialised. The tensor only holds the memory: read it by
/// doubles_in().
Tensor channel_doubles(Device device, int64_t rows, int64_t channels);
/// The address of the doubles in a tensor made by channel_doubles().
inline double* doubles_in(const Tensor& t) { return static_cast<double*>(t.raw()); }

}  // namespace mneme
