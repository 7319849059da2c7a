#include "engine/tensor.h"

#include <atomic>
#include <cstring>

#include "engine/bf16.h"
#include "engine/deferred.h"
#include "engine/device.h"
#include "engine/launch.h"

namespace mneme {
namespace {

std::atomic<bool> poison{false};

template <class T>
struct Fill {
  T* to;
  T value;
  double bytes_each() const { return sizeof(T); }
  ON_DEVICE void operator()(int64_t i) const { to[i] = value; }
};

/// Copies every element to its place in another layout, and converts it to another type.
template <class To, class From>
struct Convert {
  const From* from;
  To* to;
  ImageView source, target;
  bool in_place;  // the layouts are the same
  double bytes_each() const { return sizeof(To) + sizeof(From); }
  ON_DEVICE void operator()(int64_t i) const {
    if (in_place) {
      to[i] = static_cast<To>(from[i]);
      return;
    }
    const int64_t p = i % source.pixels, c = i / source.pixels % source.channels(),
                  n = i / source.pixels / source.channels();
    to[image_index(target, n, c, p)] = static_cast<To>(from[image_index(source, n, c, p)]);
  }
};

template <class Body>
void with_type(DType type, const Body& body) {
  switch (type) {
    case DType::f32: return body(float{});
    case DType::f64: return body(double{});
    case DType::i32: return body(int32_t{});
    case DType::u8: return body(uint8_t{});
    case DType::bf16: return body(Bf16{});
  }
}

/// Both tensors have one shape and one device.
void convert(const Tensor& from, const Tensor& to) {
  const bool in_place = from.layout() == to.layout();
  const ImageView source = in_place ? ImageView{} : image_view(from), target = in_place ? ImageView{} : image_view(to);
  with_type(from.dtype(), [&](auto first) {
    with_type(to.dtype(), [&](auto second) {
      using From = decltype(first);
      using To = decltype(second);
      for_each(from.device(), from.size(),
               Convert<To, From>{from.data<From>(), to.data<To>(), source, target, in_place});
    });
  });
}

std::shared_ptr<TensorState> state_of(const Shape& shape, TensorOptions tensor_options) {
  auto state = std::make_shared<TensorState>();
  state->shape = shape;
  state->tensor_options = tensor_options;
  return state;
}

template <class From>
Tensor from_host(std::span<const From> values, const Shape& shape, TensorOptions tensor_options) {
  MNEME_CHECK(static_cast<int64_t>(values.size()) == shape.elements(), "Tensor::from: shape {} needs {} values, got {}",
              shape.text(), shape.elements(), values.size());
  Tensor plain = Tensor::empty(shape, {tensor_options.device, tensor_options.dtype, Layout::plain});
  with_type(tensor_options.dtype, [&](auto kind) {
    using T = decltype(kind);
    if constexpr (std::is_same_v<T, From>) {
      backend(tensor_options.device).copy_in(plain.raw(), values.data(), values.size_bytes());
    } else {
      const std::vector<T> converted(values.begin(), values.end());
      backend(tensor_options.device).copy_in(plain.raw(), converted.data(), converted.size() * sizeof kind);
    }
  });
  return plain.to(tensor_options.layout);
}

template <class To>
std::vector<To> to_host(const Tensor& x) {
  const Tensor plain = x.to(Layout::plain);
  std::vector<To> out(static_cast<size_t>(x.size()));
  with_type(x.dtype(), [&](auto kind) {
    std::vector<decltype(kind)> raw(out.size());
    backend(x.device()).copy_out(raw.data(), plain.raw(), raw.size() * sizeof kind);
    std::transform(raw.begin(), raw.end(), out.begin(), [](auto v) { return static_cast<To>(v); });
  });
  return out;
}

}  // namespace

size_t bytes_of(DType type) {
  constexpr size_t bytes[] = {4, 8, 4, 1, 2};
  return bytes[static_cast<int>(type)];
}

DType arithmetic_of(DType type) { return type == DType::bf16 ? DType::f32 : type; }

const char* name_of(DType type) {
  constexpr const char* names[] = {"f32", "f64", "i32", "u8", "bf16"};
  return names[static_cast<int>(type)];
}

const char* name_of(Device device) {
  constexpr const char* names[] = {"reference", "cpu", "cuda"};
  return names[static_cast<int>(device)];
}

void poison_new_tensors(bool on) { poison = on; }

Buffer::Buffer(Device device, size_t bytes)
    : device_(device), bytes_(bytes), data_(static_cast<char*>(backend(device).arena().allocate(bytes))) {
  if (poison) backend(device).fill_bytes(data_, 0xFF, bytes);
}

Buffer::~Buffer() { backend(device_).arena().release(data_, bytes_); }

Tensor Tensor::empty(const Shape& shape, TensorOptions tensor_options) {
  MNEME_CHECK(tensor_options.dtype != DType::f64 || tensor_options.device == Device::reference,
              "f64 tensors live on the reference device only, not on {}", name_of(tensor_options.device));
  if (shape.rank() != 4) tensor_options.layout = Layout::plain;
  MNEME_CHECK(tensor_options.layout != Layout::blocked || shape[1] % block_lanes == 0,
              "the blocked layout needs channels divisible by {}, got {}", block_lanes, shape.text());
  auto state = state_of(shape, tensor_options);
  state->storage = std::make_shared<Storage>();
  state->storage->buffer = buffer_for(shape, tensor_options);
  return Tensor(std::move(state));
}

Tensor Tensor::zeros(const Shape& shape, TensorOptions tensor_options) {
  Tensor out = empty(shape, tensor_options);
  backend(tensor_options.device)
      .fill_bytes(out.raw(), 0, static_cast<size_t>(out.size()) * bytes_of(tensor_options.dtype));
  return out;
}

Tensor Tensor::full(const Shape& shape, double value, TensorOptions tensor_options) {
  Tensor out = empty(shape, tensor_options);
  with_type(tensor_options.dtype, [&](auto kind) {
    using T = decltype(kind);
    for_each(tensor_options.device, out.size(), Fill<T>{out.data<T>(), static_cast<T>(value)});
  });
  return out;
}

Tensor Tensor::from(std::span<const double> values, const Shape& shape, TensorOptions tensor_options) {
  return from_host(values, shape, tensor_options);
}
Tensor Tensor::from(std::span<const float> values, const Shape& shape, TensorOptions tensor_options) {
  return from_host(values, shape, tensor_options);
}
Tensor Tensor::from(std::span<const int> values, const Shape& shape, Device device) {
  return from_host(values, shape, {device, DType::i32, Layout::plain});
}
Tensor Tensor::from(std::span<const uint8_t> values, const Shape& shape, Device device) {
  return from_host(values, shape, {device, DType::u8, Layout::plain});
}

Tensor Tensor::view(const Tensor& block, int64_t offset, const Shape& shape) {
  MNEME_CHECK(block.layout() == Layout::plain && offset >= 0 && offset + shape.elements() <= block.size(),
              "Tensor::view: {} at {} does not fit into {}", shape.text(), offset, block.shape().text());
  auto state = state_of(shape, {block.device(), block.dtype(), Layout::plain});
  state->storage = block.state_->storage;
  state->offset = block.state_->offset + static_cast<size_t>(offset) * bytes_of(block.dtype());
  return Tensor(std::move(state));
}

const Shape& Tensor::shape() const {
  MNEME_CHECK(state_, "an undefined tensor has no shape");
  return state_->shape;
}
DType Tensor::dtype() const { return state_->tensor_options.dtype; }
Device Tensor::device() const { return state_->tensor_options.device; }
Layout Tensor::layout() const { return state_->tensor_options.layout; }

void* Tensor::raw() const {
  ensure_numbers(*state_->storage);
  return state_->storage->buffer->data() + state_->offset;
}

std::vector<double> Tensor::values() const { return to_host<double>(*this); }
std::vector<float> Tensor::floats() const { return to_host<float>(*this); }
std::vector<int> Tensor::ints() const { return to_host<int>(*this); }

double Tensor::item() const {
  MNEME_CHECK(size() == 1, "item() needs a tensor of one element, got {}", shape().text());
  return values()[0];
}

Tensor Tensor::to(Device device) const {
  if (device == this->device()) return detach();
  TensorOptions target = options();
  target.device = device;
  target.layout = Layout::plain;
  const Tensor plain = to(Layout::plain);
  Tensor out = empty(shape(), target);
  const size_t bytes = static_cast<size_t>(size()) * bytes_of(dtype());
  std::vector<char> host(bytes);
  backend(this->device()).copy_out(host.data(), plain.raw(), bytes);
  backend(device).copy_in(out.raw(), host.data(), bytes);
  return out;
}

Tensor Tensor::to(DType type) const { return to(type, layout()); }
Tensor Tensor::to(Layout layout) const { return to(dtype(), layout); }

Tensor Tensor::to(DType type, Layout layout) const {
  if (type == dtype() && (layout == this->layout() || rank() != 4)) return detach();
  Tensor out = empty(shape(), {device(), type, layout});
  convert(*this, out);
  return out;
}

Tensor Tensor::clone() const {
  Tensor out = empty(shape(), options());
  backend(device()).copy(out.raw(), raw(), static_cast<size_t>(size()) * bytes_of(dtype()));
  return out;
}

Tensor Tensor::detach() const {
  auto state = state_of(shape(), options());
  state->storage = state_->storage;
  state->offset = state_->offset;
  return Tensor(std::move(state));
}

Tensor Tensor::reshaped(const Shape& shape) const {
  MNEME_CHECK(layout() == Layout::plain && shape.elements() == size(), "cannot see {} as {}", this->shape().text(),
              shape.text());
  Tensor out = detach();
  out.state_->shape = shape;
  return out;
}

void Tensor::copy_from(const Tensor& source) {
  MNEME_CHECK(source.shape() == shape(), "copy_from: {} cannot take the values of {}", shape().text(),
              source.shape().text());
  const Tensor here = source.device() == device() ? source : source.to(dtype()).to(device());
  if (here.dtype() != dtype() || here.layout() != layout()) return convert(here, *this);
  backend(device()).copy(raw(), here.raw(), static_cast<size_t>(size()) * bytes_of(dtype()));
}

Tensor& Tensor::requires_grad(bool on) {
  MNEME_CHECK(!state_->node, "requires_grad: only a leaf can be asked to keep its gradient");
  state_->leaf_wants_grad = on;
  return *this;
}

bool Tensor::needs_grad() const { return state_ && (state_->leaf_wants_grad || state_->node); }
Tensor Tensor::grad() const { return state_->grad; }
void Tensor::set_grad(const Tensor& grad) { state_->grad = grad; }

}  // namespace mneme
