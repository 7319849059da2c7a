// The checks of tests/support find the faults that they are meant to find: each operation below is wrong in one way.

#include <doctest/doctest.h>

#include "engine/ops.h"
#include "tests/support/gradcheck.h"
#include "tests/support/op_checks.h"

namespace mneme::test {
namespace {

bool mentions(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

OpRow row_of(Apply apply) { return {"wrong", {numbers({3, 4})}, std::move(apply)}; }

Tensor unrecorded(const Tensor& x, Tensor (*op)(const Tensor&)) {
  const NoGrad numbers_only;
  return op(x);
}

TEST_CASE("differences catch a softmax whose backward is zero, which a plain sum would not") {
  const OpRow wrong = row_of([](const std::vector<Tensor>& in) {
    return record("softmax", unrecorded(in[0], softmax), {in[0]},
                  [](const Tensor& dy, NeedsInputGrad&) -> Grads { return {Tensor::zeros(dy.shape(), dy.options())}; });
  });
  CHECK(mentions(gradient_fault(wrong), "wrong: input 0 element 0: backward says 0"));
  const std::vector<Tensor> in = inputs_of(wrong, exact);
  const std::vector<double> ones(12, 1.0);
  const double change = central_difference(in[0].data<double>()[0], [&] { return weighted_output(wrong, in, ones); });
  CHECK(std::abs(change) < 1e-12);
}

TEST_CASE("differences catch a gradient that is off by one part in a hundred thousand") {
  const OpRow wrong = row_of([](const std::vector<Tensor>& in) {
    return record("add_scalar", unrecorded(in[0], [](const Tensor& x) { return add_scalar(x, 1); }), {in[0]},
                  [](const Tensor& dy, NeedsInputGrad&) -> Grads { return {scale(dy, 1 + 1e-5)}; });
  });
  CHECK(mentions(gradient_fault(wrong), "input 0 element"));
}

TEST_CASE("differences catch a gradient that never comes") {
  const OpRow wrong = {"wrong", {numbers({2}), numbers({2})}, [](const std::vector<Tensor>& in) {
                         return record("add", add(in[0], in[1]).detach(), in,
                                       [](const Tensor& dy, NeedsInputGrad&) -> Grads {
                                         return {dy, {}};
                                       });
                       }};
  CHECK(gradient_fault(wrong) == "wrong: input 1 got no gradient");
}

/// y = 2 x. Its backward pass returns the newest gradient instead of the sum, as code does that forgets `+=`.
Tensor forgetful_double(const Tensor& x) {
  const Tensor y = unrecorded(x, [](const Tensor& t) { return scale(t, 2); });
  return record("double", y, {x}, [](const Tensor& dy, NeedsInputGrad& needs_input_grad) -> Grads {
    needs_input_grad.take_waiting(0);
    return {scale(dy, 2)};
  });
}

TEST_CASE("a backward that drops what others have sent is caught, though its own gradient is right") {
  const OpRow wrong = row_of([](const std::vector<Tensor>& in) { return forgetful_double(in[0]); });
  CHECK(gradient_fault(wrong).empty());
  CHECK(mentions(addition_fault(wrong, exact, 1e-14), "two uses of a computed tensor, gradient of input 0 element 0"));
}

TEST_CASE("a backward that overwrites the gradient at a leaf is caught") {
  const OpRow wrong = row_of([](const std::vector<Tensor>& in) {
    const Tensor y = unrecorded(in[0], [](const Tensor& t) { return scale(t, 2); });
    return record("double", y, {in[0]}, [leaf = in[0]](const Tensor& dy, NeedsInputGrad&) mutable -> Grads {
      leaf.set_grad(Tensor::zeros(dy.shape(), dy.options()));
      return {scale(dy, 2)};
    });
  });
  CHECK(gradient_fault(wrong).empty());
  CHECK(mentions(addition_fault(wrong, exact, 1e-14), "two uses of a leaf"));
}

/// Copies all elements but the last.
Tensor short_copy(const Tensor& x) {
  const Tensor y = Tensor::empty(x.shape(), x.options());
  for (int64_t i = 0; i + 1 < x.size(); ++i) y.data<double>()[i] = x.data<double>()[i];
  return y;
}

TEST_CASE("an element of the output that is never written is caught") {
  const OpRow wrong = row_of([](const std::vector<Tensor>& in) {
    return record("copy", short_copy(in[0]), {in[0]}, [](const Tensor& dy, NeedsInputGrad&) -> Grads { return {dy}; });
  });
  CHECK(mentions(unwritten_fault(wrong, exact), "output element 11 is -nan"));
}

TEST_CASE("an element of a gradient that is never written is caught") {
  const OpRow wrong = row_of([](const std::vector<Tensor>& in) {
    return record("copy", in[0].clone(), {in[0]},
                  [](const Tensor& dy, NeedsInputGrad&) -> Grads { return {short_copy(dy)}; });
  });
  CHECK(mentions(unwritten_fault(wrong, exact), "gradient of input 0 element 11 is -nan"));
}

TEST_CASE("a step that holds its own output is caught") {
  std::shared_ptr<Node> held;  // releases the step, so that this test case does not leak memory
  const OpRow wrong = row_of([&held](const std::vector<Tensor>& in) {
    const Tensor y = unrecorded(in[0], exp);
    const Tensor out =
        record("exp", y, {in[0]}, [y](const Tensor& dy, NeedsInputGrad&) -> Grads { return {mul(dy, y)}; });
    held = out.state()->node;
    return out;
  });
  const std::string fault = leak_fault(wrong, exact);
  REQUIRE(held);
  held->backward = nullptr;
  CHECK(mentions(fault, "it holds itself"));
}

TEST_CASE("memory that stays behind after a walk is caught") {
  std::vector<Tensor> hoard;
  const OpRow wrong = row_of([&hoard](const std::vector<Tensor>& in) {
    return record("copy", in[0].clone(), {in[0]}, [&hoard](const Tensor& dy, NeedsInputGrad&) -> Grads {
      hoard.push_back(dy.clone());
      return {dy};
    });
  });
  CHECK(mentions(leak_fault(wrong, exact), "bytes stay saved after the walk"));
}

TEST_CASE("a gradient for an input that did not want one shows, and so does one that depends on the others") {
  const OpRow wrong = {"wrong", {numbers({2}), numbers({2})}, [](const std::vector<Tensor>& in) {
                         const NoGrad numbers_only;
                         const Tensor y = add(in[0], in[1]);
                         return y;
                       }};
  CHECK_THROWS_AS((void)run(wrong, exact), Error);  // the operation recorded nothing
  const OpRow dependent = {"wrong", {numbers({2}), numbers({2})}, [](const std::vector<Tensor>& in) {
                             return record("add", add(in[0], in[1]).detach(), in,
                                           [](const Tensor& dy, NeedsInputGrad& needs_input_grad) -> Grads {
                                             return {needs_input_grad[1] ? dy : scale(dy, 2), dy};
                                           });
                           }};
  CHECK(mentions(wanted_fault(dependent, exact), "only input 0 wants a gradient, but that of input 0 element 0"));
}

TEST_CASE("a device that disagrees in one element is caught") {
  const OpRow right = row_of([](const std::vector<Tensor>& in) { return exp(in[0]); });
  Results expected = run(right, exact);
  CHECK(agreement_fault(right, {Device::reference, DType::f32}, expected).empty());
  expected.gradients[0][7] *= 1.0001;
  CHECK(mentions(agreement_fault(right, {Device::reference, DType::f32}, expected),
                 "reference f32, preferred layout]: gradient of input 0 element 7"));
}

}  // namespace
}  // namespace mneme::test
