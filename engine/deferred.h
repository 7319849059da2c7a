#pragma once
// Note [Deferred]
// On a device that fuses, batch norm does not compute its output; it leaves a recipe, y = a x + c per channel. ReLU and
// addition extend a recipe to relu?(a x + a2 x2 + c). A convolution may follow it while it loads its input, in which
// case y never exists in memory; whoever else asks for the numbers has them computed then, in one pass. The same form
// carries batch norm's gradient, dx = A dy + B x + C. Layers and losses see none of this: conv, batch norm, ReLU,
// addition. A tensor that waits keeps alive what its recipe reads, until its numbers are asked for, the walk that
// releases its step has them computed, or it goes.
//
// Where no gradient will be asked for, a convolution itself may wait (Maker): if its output is wanted only by a recipe,
// as inference's batch norm leaves one, the convolution follows that recipe while it writes, and its own output never
// exists.
//
// Along with a gradient goes what was found out while it was made (Findings): the pass that completes the gradient of a
// convolution's input also masks it for the ReLU that made the input, and sums it for the batch norm before that; where
// that batch norm has left word with its input (AwaitedGradient), the pass goes on to its recipe. A finding names what it holds for, so one that does not fit is not used; nothing depends on findings being there.

#include <memory>

#include "engine/tensor.h"

namespace mneme {

struct Deferred {
  Tensor x, x2;         // (N, C, H, W) of one layout; x2 may be undefined
  Tensor coefficients;  // (3, C): a, a2, c; without x2, a2 is 1, so that x2 can join as it is
  bool relu = false;
};

struct Storage;

struct Findings {
  Tensor moments;                    ///< doubles (2, C): sums of y and of y^2 of these numbers
  std::weak_ptr<Storage> masked_by;  ///< this gradient is already 0 wherever that tensor is not positive
  Tensor products;                   ///< doubles (3, C): sums of g, of g z and of g z2 ...
  std::weak_ptr<Storage> z, z2;      ///< ... where z and z2 are these tensors; z2 may be null
};

/// What a followed recipe said, for as long as somebody else keeps its tensors.
struct Origin {
  std::weak_ptr<Storage> x, x2;
  bool relu = false;
};

/// Makes a tensor's numbers when they are asked for. It holds what they depend on as it was when the tensor was made:
/// weights that change later do not change them.
class Maker {
 public:
  virtual ~Maker() = default;
  /// The numbers, or what a recipe whose x they are makes of them.
  virtual std::shared_ptr<Buffer> make(const Deferred* recipe) const = 0;
};

struct AwaitedGradient;  // engine/ops/batch_norm_gradient.h

/// The numbers of one or several tensors, or what will make them: at most one of recipe and maker.
struct Storage {
  std::shared_ptr<Buffer> buffer;          ///< null while nobody has asked for the numbers
  std::unique_ptr<const Deferred> recipe;  ///< null once it was followed
  std::unique_ptr<const Maker> maker;      ///< null once it has made the numbers
  Origin origin;
  Findings findings;
  std::weak_ptr<AwaitedGradient> awaited;  ///< by the batch norm whose input these numbers are
};

/// A tensor that will be relu?(a x + a2 x2 + c) once somebody asks for its numbers.
Tensor deferred(Deferred recipe);
/// A tensor whose numbers `maker` makes once somebody asks for them.
Tensor deferred(const Shape& shape, Like like, std::unique_ptr<const Maker> maker);
/// The recipe of a tensor whose numbers nobody has asked for yet; otherwise null.
const Deferred* pending(const Tensor& t);
/// False if nobody has asked for this tensor's numbers yet.
bool has_numbers(const Tensor& t);
/// Computes the numbers that `storage` waits for, if it does.
void ensure_numbers(Storage& storage);
/// Memory for the numbers of a tensor that has none yet.
std::shared_ptr<Buffer> buffer_for(const Shape& shape, Like like);
/// What is still to be done to the gradient of a convolution's input x: add what came another way and, if x is the ReLU
/// of a recipe, mask it for that and sum it for the batch norms before.
struct Completion {
  Tensor made, waiting;            // x; waiting may be undefined
  std::shared_ptr<Storage> z, z2;  // what x's recipe was of, as far as its numbers are there; null if unknown

  Completion(const Tensor& x, const Tensor& waiting);
  /// False if there is nothing to mask and sum.
  bool applies() const { return z != nullptr; }
  /// Writes the findings of g, which was completed so: `products` as Findings has them.
  void record(const Tensor& g, const Tensor& products) const;
};
/// dx, completed, in a pass of its own.
Tensor complete_gradient(const Completion& completion, const Tensor& dx);

/// The numbers of storage that has them; null for null.
template <class R>
R* numbers_in(const std::shared_ptr<Storage>& storage) {
  return storage ? reinterpret_cast<R*>(storage->buffer->data()) : nullptr;
}
/// (K, C) doubles, as findings hold them.
Tensor channel_doubles(Device device, int64_t rows, int64_t channels);
inline double* doubles_in(const Tensor& t) { return static_cast<double*>(t.raw()); }

}  // namespace mneme
