#pragma once
// The tensor: a handle to numbers on a device, and to the node of the tape that made them.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/shape.h"

namespace mneme {

/// The types of numbers.
enum class DType : uint8_t { f32, f64, i32, u8, bf16 };
/// Bytes per number.
size_t bytes_of(DType type);
/// "f32", "f64", "i32", "u8" or "bf16".
const char* name_of(DType type);
/// The type in which numbers of this type are computed: f32 for bf16, otherwise the type itself.
DType arithmetic_of(DType type);

/// The place where numbers are stored, and the code that computes with them.
///   reference  plain loops, f32 or f64: every test compares with it, and its code is the one to study
///   cpu        vectors and threads, f32
///   cuda       cuDNN, cuBLAS and our kernels, f32
/// Feature maps may be bf16 on the reference device and on cuda (Note [Precision] in engine/precision.h).
enum class Device : uint8_t { reference, cpu, cuda };
/// "reference", "cpu" or "cuda".
const char* name_of(Device device);

/// Note [Layout]
/// How an image tensor (N, C, H, W) lies in memory. Shapes are always stated in the order N, C, H, W; only code that
/// touches single elements needs to know the layout. One formula covers all three layouts: with L lanes and G = C/L
/// groups, element (n, c, p) of P = H W pixels is at ((n G + c/L) P + p) L + c mod L.
///   plain          L = 1, the order of PyTorch's default
///   blocked        L = 16, suits the CPU's vector units (C must be divisible by 16)
///   channels_last  L = C, suits the GPU's tensor cores
/// Tensors of other ranks are always plain.
enum class Layout : uint8_t { plain, blocked, channels_last };
/// The lanes L of the blocked layout.
constexpr int64_t block_lanes = 16;

struct Node;
struct TensorState;
struct Storage;
class Buffer;

/// The properties of a new tensor besides its shape.
struct TensorOptions {
  Device device = Device::cpu;    ///< where it lives
  DType dtype = DType::f32;       ///< type of its numbers
  Layout layout = Layout::plain;  ///< ignored for ranks other than 4
};

/// A cheap handle: copying a Tensor shares the numbers, clone() copies them. Operations never change their inputs; only
/// the optimiser and running statistics write in place. A Tensor made by the default constructor is undefined: shape()
/// throws Error for it, and the other functions must not be called, except defined() and needs_grad().
class Tensor {
 public:
  /// An undefined tensor.
  Tensor() = default;

  /// A tensor with uninitialised numbers. Throws Error if the device is missing or has no memory left, for f64 on
  /// another device than the reference, and for the blocked layout if C is not divisible by 16.
  static Tensor empty(const Shape& shape, TensorOptions tensor_options);
  /// A tensor of zeros. Throws Error as empty() does.
  static Tensor zeros(const Shape& shape, TensorOptions tensor_options);
  /// A tensor whose numbers are all `value`. Throws Error as empty() does.
  static Tensor full(const Shape& shape, double value, TensorOptions tensor_options);
  /// A tensor with these values, given in N, C, H, W order and converted to tensor_options.dtype. Throws Error if there
  /// are not as many values as `shape` has elements, and as empty() does.
  static Tensor from(std::span<const double> values, const Shape& shape, TensorOptions tensor_options);
  /// A tensor with these values, given as floats.
  static Tensor from(std::span<const float> values, const Shape& shape, TensorOptions tensor_options);
  /// A tensor of i32 with these values. Throws Error as above.
  static Tensor from(std::span<const int> values, const Shape& shape, Device device);
  /// A tensor of u8 with these values. Throws Error as above.
  static Tensor from(std::span<const uint8_t> values, const Shape& shape, Device device);
  /// A view of `shape` that starts `offset` elements into `block`: writing one writes the other. Throws Error unless
  /// `block` is plain and the view lies inside it.
  static Tensor view(const Tensor& block, int64_t offset, const Shape& shape);

  /// False for a default-constructed tensor.
  bool defined() const { return state_ != nullptr; }
  /// As defined().
  explicit operator bool() const { return defined(); }
  /// The shape. Throws Error for an undefined tensor.
  const Shape& shape() const;
  /// Dimension `i`; a negative i counts from the end.
  int64_t dim(int i) const { return shape()[i]; }
  /// The number of dimensions.
  int rank() const { return shape().rank(); }
  /// The number of elements.
  int64_t size() const { return shape().elements(); }
  /// The type of the numbers.
  DType dtype() const;
  /// The device on which the numbers are stored.
  Device device() const;
  /// How they lie in memory.
  Layout layout() const;
  /// Device, type and layout.
  TensorOptions options() const { return {device(), dtype(), layout()}; }

  /// The address of the numbers, in this tensor's layout, on its device. T must be the type of the numbers; this is not
  /// checked. Computes the numbers first if the tensor is deferred.
  template <class T>
  T* data() const;
  /// The memory of the tensor, without a type.
  void* raw() const;

  /// A copy on the host in N, C, H, W order. Waits until the device has computed the numbers.
  std::vector<double> values() const;
  /// The elements as floats, in N, C, H, W order.
  std::vector<float> floats() const;
  /// The elements as integers, in N, C, H, W order.
  std::vector<int> ints() const;
  /// The only element of a tensor with one element. Throws Error for other sizes.
  double item() const;

  /// A copy on another device, in the plain layout; the tensor itself if it is on that device already. The copy is not
  /// recorded for backward(), as with every to(). Throws Error as empty() does.
  Tensor to(Device device) const;
  /// A copy in another type. Its numbers are rounded if the type needs that.
  Tensor to(DType type) const;
  /// A copy in another layout. Throws Error for the blocked layout if C is not divisible by 16.
  Tensor to(Layout layout) const;
  /// A copy in another type and layout.
  Tensor to(DType type, Layout layout) const;
  /// A copy with memory of its own, off the tape.
  Tensor clone() const;
  /// A tensor that shares the numbers and is off the tape.
  Tensor detach() const;
  /// A tensor that shares the numbers, has another shape and is off the tape; see reshape() in ops.h for the recorded
  /// form. Throws Error unless the layout is plain and the numbers of elements agree.
  Tensor reshaped(const Shape& shape) const;
  /// Overwrites the numbers with those of `source`, whose device, type and layout may differ. Throws Error if the
  /// shapes differ.
  void copy_from(const Tensor& source);

  /// Makes this tensor a leaf for which backward() adds up a gradient, or stops that. Throws Error if an operation made
  /// this tensor while recording.
  Tensor& requires_grad(bool on = true);
  /// True for such a leaf, and for everything that was computed from one while recording.
  bool needs_grad() const;
  /// The sum of the gradients so far; undefined before the first.
  Tensor grad() const;
  /// Sets where backward() adds this leaf's gradient, e.g. a view into a block. An undefined tensor clears the
  /// gradient.
  void set_grad(const Tensor& grad);

  /// For the engine's own code.
  TensorState* state() const { return state_.get(); }
  /// For the engine's own code.
  explicit Tensor(std::shared_ptr<TensorState> state) : state_(std::move(state)) {}

 private:
  std::shared_ptr<TensorState> state_;
};

/// A piece of a device's memory. It returns to the device's arena when the last tensor that uses it is destroyed.
class Buffer {
 public:
  /// Allocates. Throws Error if the device is missing or has no memory left.
  Buffer(Device device, size_t bytes);
  /// Returns the memory to the arena.
  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  /// The address on the device.
  char* data() const { return data_; }
  /// The size that was asked for.
  size_t bytes() const { return bytes_; }

 private:
  Device device_;
  size_t bytes_;
  char* data_;
};

/// The data that all copies of a Tensor share.
struct TensorState {
  Shape shape;                       ///< dimensions in the order N, C, H, W
  TensorOptions tensor_options;      ///< device, type and layout
  std::shared_ptr<Storage> storage;  ///< see engine/deferred.h
  size_t offset = 0;                 ///< where the numbers begin in the storage, in bytes
  bool leaf_wants_grad = false;      ///< set by requires_grad()
  Tensor grad;                       ///< the sum of the gradients of a leaf
  Tensor converted;                  ///< see engine/ops/converted_weights.h
  std::shared_ptr<Node> node;        ///< the operation that made this tensor; null for leaves
};

template <class T>
T* Tensor::data() const {
  return static_cast<T*>(raw());
}

/// On: every new tensor is filled with NaN (0xFF bytes), so that an element which an operation forgets to write shows
/// up.
void poison_new_tensors(bool on);

}  // namespace mneme
