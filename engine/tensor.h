#pragma once
// The tensor: a handle to numbers on a device, and to the step of the tape that made them.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/error.h"
#include "engine/shape.h"

namespace mneme {

enum class DType : uint8_t { f32, f64, i32, u8, bf16 };
size_t bytes_of(DType type);
const char* name_of(DType type);
/// The type that numbers of this one are computed in: f32 for bf16, otherwise itself.
DType arithmetic_of(DType type);

/// Where numbers live and who computes with them.
///   reference  plain loops, f32 or f64: the oracle of all tests, and the code to study
///   cpu        vectorised and threaded, f32
///   cuda       cuDNN, cuBLAS and our kernels, f32
/// Feature maps may be bf16 on the reference and on cuda (Note [Precision] in engine/precision.h).
enum class Device : uint8_t { reference, cpu, cuda };
const char* name_of(Device device);

/// Note [Layout]
/// How an image tensor (N, C, H, W) lies in memory. Shapes are always stated in the order N, C, H, W; only code that
/// touches elements asks for the layout. All three are one formula: with L lanes and G = C/L groups, element
/// (n, c, p) of P = H W pixels is at ((n G + c/L) P + p) L + c mod L.
///   plain          L = 1, the order of PyTorch's default
///   blocked        L = 16, what the CPU's vector units want (C must be divisible by 16)
///   channels_last  L = C, what the GPU's tensor cores want
/// Tensors of other ranks are always plain.
enum class Layout : uint8_t { plain, blocked, channels_last };
constexpr int64_t block_lanes = 16;

struct Node;
struct TensorState;
struct Storage;
class Buffer;

/// What a new tensor is like, apart from its shape.
struct Like {
  Device device = Device::cpu;
  DType dtype = DType::f32;
  Layout layout = Layout::plain;
};

/// A cheap handle: copying a Tensor shares the numbers, clone() copies them. Operations never change their inputs; only
/// the optimiser and running statistics write in place. A default-constructed Tensor is undefined.
class Tensor {
 public:
  Tensor() = default;

  /// Uninitialised numbers.
  static Tensor empty(const Shape& shape, Like like);
  static Tensor zeros(const Shape& shape, Like like);
  static Tensor full(const Shape& shape, double value, Like like);
  /// Copies host values in N, C, H, W order, converting to like.dtype.
  static Tensor from(std::span<const double> values, const Shape& shape, Like like);
  static Tensor from(std::span<const float> values, const Shape& shape, Like like);
  static Tensor from(std::span<const int> values, const Shape& shape, Device device);
  static Tensor from(std::span<const uint8_t> values, const Shape& shape, Device device);
  /// A view of `shape` starting `offset` elements into `block`: writing one writes the other.
  static Tensor view(const Tensor& block, int64_t offset, const Shape& shape);

  bool defined() const { return state_ != nullptr; }
  explicit operator bool() const { return defined(); }
  const Shape& shape() const;
  int64_t dim(int i) const { return shape()[i]; }
  int rank() const { return shape().rank(); }
  int64_t size() const { return shape().elements(); }
  DType dtype() const;
  Device device() const;
  Layout layout() const;
  Like like() const { return {device(), dtype(), layout()}; }

  /// The numbers, in this tensor's layout, on its device. The type must match.
  template <class T>
  T* data() const;
  void* raw() const;

  /// A host copy in N, C, H, W order.
  std::vector<double> values() const;
  std::vector<float> floats() const;
  std::vector<int> ints() const;
  /// The only element of a one-element tensor.
  double item() const;

  /// The same numbers elsewhere, in another type or layout; the same tensor if nothing changes. Not recorded.
  Tensor to(Device device) const;
  Tensor to(DType type) const;
  Tensor to(Layout layout) const;
  Tensor to(DType type, Layout layout) const;
  /// A copy with numbers of its own, off the tape.
  Tensor clone() const;
  /// The same numbers, off the tape.
  Tensor detach() const;
  /// The same numbers in another shape, off the tape. Plain layout only; see reshape() in ops.h for the recorded form.
  Tensor reshaped(const Shape& shape) const;
  /// Overwrites the numbers with those of `source` (same shape; device, type and layout may differ).
  void copy_from(const Tensor& source);

  /// Marks a leaf whose gradient backward() shall add up.
  Tensor& requires_grad(bool on = true);
  /// True for such a leaf and for everything computed from one while recording.
  bool needs_grad() const;
  /// Gradients added so far; undefined before the first.
  Tensor grad() const;
  /// Where backward() shall add this leaf's gradient, e.g. a view into a block; undefined clears it.
  void set_grad(const Tensor& grad);

  TensorState* state() const { return state_.get(); }
  explicit Tensor(std::shared_ptr<TensorState> state) : state_(std::move(state)) {}

 private:
  std::shared_ptr<TensorState> state_;
};

/// Device memory with its arena; returned to the arena when the last tensor on it goes.
class Buffer {
 public:
  Buffer(Device device, size_t bytes);
  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  char* data() const { return data_; }
  size_t bytes() const { return bytes_; }

 private:
  Device device_;
  size_t bytes_;
  char* data_;
};

struct TensorState {
  Shape shape;
  Like like;
  std::shared_ptr<Storage> storage;  // see engine/deferred.h
  size_t offset = 0;                 // bytes
  bool leaf_wants_grad = false;
  Tensor grad;
  Tensor converted;            // see engine/converted_weights.h
  std::shared_ptr<Node> node;  // the step that made this tensor; null for leaves
};

template <class T>
T* Tensor::data() const {
  return static_cast<T*>(raw());
}

/// Fills every new tensor's numbers with NaN (0xFF bytes) while on: an element an operation forgets to write shows up.
void poison_new_tensors(bool on);

}  // namespace mneme
