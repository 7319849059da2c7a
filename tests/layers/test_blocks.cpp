// Operations that a device may fuse or defer, in the combinations that residual networks contain. Whatever else reads
// the tensors between them, every device must give the reference's numbers and gradients.

#include <doctest/doctest.h>

#include "engine/deferred.h"
#include "engine/ops.h"
#include "tests/support/op_checks.h"

namespace mneme::test {
namespace {

using In = const std::vector<Tensor>&;

/// Gives out a row's inputs one after another, and makes the operations that use them.
class Steps {
 public:
  Steps(In inputs, bool training = true) : inputs_(inputs), training_(training) {}
  Tensor next() { return inputs_[at_++]; }
  Tensor conv(const Tensor& x, int64_t stride = 1) {
    const Tensor w = next();
    return conv2d(x, w, {.stride = stride, .pad = w.dim(2) / 2});
  }
  Tensor norm(const Tensor& x) {
    const Tensor gamma = next(), beta = next();
    BatchNormStatistics running{Tensor::full(gamma.shape(), 0.1, gamma.options()),
                                Tensor::full(gamma.shape(), 0.75, gamma.options())};
    return batch_norm(x, gamma, beta, running, {.training = training_});
  }

 private:
  In inputs_;
  size_t at_ = 0;
  bool training_;
};

/// The inputs of a block: an image, then what the operations take, in their order. A number of channels stands for the
/// gamma and beta of a batch norm.
struct Inputs {
  std::vector<Input> list;
  explicit Inputs(const Shape& x) : list{image(x)} {}
  Inputs& weight(int64_t out, int64_t in, int64_t kernel = 3) {
    list.push_back(numbers({out, in, kernel, kernel}));
    return *this;
  }
  Inputs& norm(int64_t channels) {
    list.push_back(numbers({channels}, Draw::positive));
    list.push_back(numbers({channels}));
    return *this;
  }
};

OpRow block(const char* name, const Inputs& inputs, Apply apply) {
  return {name, inputs.list, std::move(apply), 2e-5, false};
}

const Shape x16{3, 16, 6, 5};

Tensor basic_block(Steps s) {
  const Tensor x = s.next();
  const Tensor y = relu(s.norm(s.conv(x)));
  return relu(add(s.norm(s.conv(y)), x));
}

Tensor bottleneck(Steps s, int64_t stride) {
  const Tensor x = s.next();
  const Tensor y = relu(s.norm(s.conv(relu(s.norm(s.conv(x))), stride)));
  const Tensor z = s.norm(s.conv(y));
  return relu(add(z, stride == 1 ? x : s.norm(s.conv(x, stride))));
}

const std::vector<OpRow> blocks = {
    block("basic block", Inputs(x16).weight(16, 16).norm(16).weight(16, 16).norm(16),
          [](In in) { return basic_block(in); }),
    block("basic block, inference", Inputs(x16).weight(16, 16).norm(16).weight(16, 16).norm(16),
          [](In in) {
            return basic_block({in, false});
          }),
    block("block that halves the image",
          Inputs(x16).weight(32, 16).norm(32).weight(32, 32).norm(32).weight(32, 16, 1).norm(32),
          [](In in) {
            Steps s(in);
            const Tensor x = s.next(), y = s.norm(s.conv(relu(s.norm(s.conv(x, 2)))));
            return relu(add(y, s.norm(s.conv(x, 2))));
          }),
    block("block with zero-padded shortcut", Inputs(x16).weight(32, 16).norm(32),
          [](In in) {
            Steps s(in);
            const Tensor x = s.next(), y = s.norm(s.conv(x, 2));
            return relu(add(y, subsample_pad_channels(x, 2, 32)));
          }),
    block("two blocks in a row", Inputs(x16).weight(16, 16).norm(16).weight(16, 16).norm(16).weight(16, 16),
          [](In in) {
            Steps s(in);
            const Tensor x = s.next(), y = relu(add(s.norm(s.conv(x)), x)), z = relu(add(s.norm(s.conv(y)), y));
            return s.conv(z);
          }),
    block("last block without ReLU, then features", Inputs(x16).weight(16, 16).norm(16),
          [](In in) {
            Steps s(in);
            const Tensor x = s.next();
            return global_average_pool(add(s.norm(s.conv(x)), x));
          }),
    block("batch norm used before and after its ReLU", Inputs(x16).weight(16, 16).norm(16).weight(16, 16),
          [](In in) {
            Steps s(in);
            const Tensor y = s.norm(s.conv(s.next())), z = relu(y);
            return add(s.conv(z), mul(y, z));
          }),
    block("one convolution under two batch norms", Inputs(x16).weight(16, 16).norm(16).norm(16),
          [](In in) {
            Steps s(in);
            const Tensor y = s.conv(s.next());
            const Tensor a = s.norm(y);
            return add(relu(a), s.norm(y));
          }),
    block("one activation under two convolutions", Inputs(x16).norm(16).weight(16, 16).weight(32, 16, 1),
          [](In in) {
            Steps s(in);
            const Tensor y = relu(s.norm(s.next())), a = s.conv(y);
            return add(global_average_pool(a), slice_columns(global_average_pool(s.conv(y)), 8, 24));
          }),
    block("a sum with itself", Inputs(x16).weight(16, 16).norm(16).weight(16, 16),
          [](In in) {
            Steps s(in);
            const Tensor y = s.norm(s.conv(s.next()));
            return s.conv(relu(add(y, y)));
          }),
    block("batch norm of a batch norm", Inputs(x16).norm(16).norm(16).weight(16, 16),
          [](In in) {
            Steps s(in);
            const Tensor y = s.norm(s.next()), z = s.norm(relu(y));
            return s.conv(z);
          }),
    block("activations that are looked at on the way", Inputs(x16).weight(16, 16).norm(16).weight(16, 16).norm(16),
          [](In in) {
            Steps s(in);
            const Tensor x = s.next(), y = relu(s.norm(s.conv(x)));
            (void)y.values();
            const Tensor z = s.norm(s.conv(y));
            (void)z.values();
            return relu(add(z, x));
          }),
    block("three channels in, ten out", Inputs({3, 3, 6, 5}).weight(16, 3).norm(16).weight(10, 16).norm(10),
          [](In in) {
            Steps s(in);
            return relu(s.norm(s.conv(relu(s.norm(s.conv(s.next()))))));
          }),
    block("bottleneck", Inputs(x16).weight(16, 16, 1).norm(16).weight(16, 16).norm(16).weight(16, 16, 1).norm(16),
          [](In in) { return bottleneck(in, 1); }),
    block("bottleneck that halves the image",
          Inputs(x16)
              .weight(16, 16, 1)
              .norm(16)
              .weight(16, 16)
              .norm(16)
              .weight(64, 16, 1)
              .norm(64)
              .weight(64, 16, 1)
              .norm(64),
          [](In in) { return bottleneck(in, 2); }),
    block("stem of networks for large images", Inputs({3, 3, 13, 10}).weight(16, 3, 7).norm(16).weight(16, 16),
          [](In in) {
            Steps s(in);
            const Tensor y = relu(s.norm(s.conv(s.next(), 2)));
            return s.conv(max_pool(y, {.window = 3, .stride = 2, .pad = 1}));
          }),
    block("sum handed out before its ReLU", Inputs(x16).weight(16, 16).norm(16).weight(16, 16),
          [](In in) {
            Steps s(in);
            const Tensor x = s.next(), y = add(s.norm(s.conv(x)), x);
            return add(s.conv(relu(y)), y);
          }),
    block("pooled after batch norm", Inputs(x16).weight(16, 16).norm(16).weight(16, 16),
          [](In in) {
            Steps s(in);
            const Tensor y = relu(s.norm(s.conv(s.next())));
            return s.conv(max_pool(y, {.window = 3, .stride = 2, .pad = 1}));
          }),
};

std::vector<Setting> settings() {
  std::vector<Setting> all;
  for (const Device device : {Device::cpu, Device::cuda}) {
    if (!device_available(device)) continue;
    all.push_back({device, DType::f32});
    all.push_back({device, DType::f32, Setting::Images::preferred, true});
  }
  return all;
}

/// Applies one check to every block on every device.
template <class Check>
void for_each_block(const Check& check) {
  for (const OpRow& row : blocks)
    for (const Setting& setting : settings()) {
      const std::string fault = check(row, setting);
      CHECK_MESSAGE(fault.empty(), fault);
    }
}

TEST_CASE("blocks give the reference's numbers and gradients on every device") {
  for_each_block([](const OpRow& row, const Setting& s) { return agreement_fault(row, s, run(row, exact)); });
}

TEST_CASE("blocks read nothing that was not written") { for_each_block(unwritten_fault); }

TEST_CASE("gradients of blocks used twice or walked twice add up") {
  for_each_block([](const OpRow& row, const Setting& s) { return addition_fault(row, s, 2e-5); });
}

TEST_CASE("each input of a block gets the same gradient when it is the only one to want it") {
  for_each_block([](const OpRow& row, const Setting& s) { return wanted_fault(row, s, 2e-5); });
}

TEST_CASE("blocks leave no memory behind") { for_each_block(leak_fault); }

TEST_CASE(
    "an output that still waits for its numbers gets them as the walk releases its step, and lets its inputs go") {
  for (const Setting& setting : settings()) {
    CAPTURE(setting.text());
    const OpRow row = block("unread", Inputs(x16).norm(16), [](In in) {
      Steps s(in);
      return s.norm(scale(s.next(), 2));
    });
    const std::vector<Tensor> inputs = inputs_of(row, setting);
    const Tensor y = row.apply(inputs);
    REQUIRE(pending(y));
    const std::weak_ptr<Storage> scaled = pending(y)->x.state()->storage;
    backward(y, output_gradient(row, y, setting), {.keep_graph = true});
    CHECK(pending(y));
    backward(y, output_gradient(row, y, setting));
    CHECK_FALSE(pending(y));
    CHECK(scaled.expired());
    CHECK(difference(y.values(), run(row, exact).y, row.f32_tolerance) == "");
  }
}

// Equal up to rounding: a recorded convolution forms the sums for batch norm itself, in another order.
TEST_CASE("a block is the same whether it is recorded or not") {
  for_each_block([](const OpRow& row, const Setting& s) {
    const std::vector<double> recorded = row.apply(inputs_of(row, s)).values();
    const NoGrad numbers_only;
    return named(row, s, difference(row.apply(inputs_of(row, s)).values(), recorded, 1e-5));
  });
}

}  // namespace
}  // namespace mneme::test
