#include "engine/profiler.h"

#include <doctest/doctest.h>

#include <string>

#include "engine/ops.h"

namespace mneme::test {
namespace {

using Words = std::vector<std::string>;

constexpr TensorOptions doubles{Device::reference, DType::f64, Layout::plain};

struct Diary {
  Words words;
  std::vector<OpEvent> events;

  void write(const OpEvent& event) {
    constexpr const char* passes[] = {"forward", "backward", "sums"};
    words.push_back(std::string(event.op) + " " + passes[static_cast<int>(event.pass)]);
    events.push_back(event);
  }
  OpCallback callback() {
    return [this](const OpEvent& event) { write(event); };
  }
};

TEST_CASE("a callback is told of every operation forwards, then of every one backwards") {
  const Tensor x = Tensor::full({2, 3}, 0.5, doubles).requires_grad();
  Diary diary;
  {
    OpCallbackGuard watch(diary.callback());
    backward(sum(exp(x)));
  }
  CHECK(diary.words == Words{"exp forward", "sum forward", "sum backward", "sum sums", "exp backward", "exp sums"});
}

TEST_CASE("an event states shapes, and which gradients were computed") {
  const Tensor x = Tensor::full({2, 3}, 0.5, doubles), w = Tensor::full({4, 3}, 0.1, doubles).requires_grad();
  Diary diary;
  OpCallbackGuard watch(diary.callback());
  backward(linear(x, w, {}), Tensor::full({2, 4}, 1, doubles));
  const OpEvent &forward = diary.events.front(), &back = diary.events[diary.events.size() - 2];
  REQUIRE(back.pass == Pass::backward);
  CHECK(forward.output == Shape{2, 4});
  CHECK(back.output == Shape{2, 4});
  REQUIRE(back.inputs.size() >= 2);
  CHECK(back.inputs[0].shape == Shape{2, 3});
  CHECK(back.inputs[1].shape == Shape{4, 3});
  CHECK_FALSE(back.inputs[0].needs_input_grad);
  CHECK(back.inputs[1].needs_input_grad);
}

TEST_CASE("what a backward pass calls belongs to it and is not heard by itself") {
  const Tensor x = Tensor::full({1, 3}, 0.5, doubles).requires_grad();
  Diary diary;
  OpCallbackGuard watch(diary.callback());
  backward(mul(x, x), Tensor::full({1, 3}, 1, doubles));  // two gradients for one input, computed by products
  CHECK(diary.words == Words{"mul forward", "mul backward", "mul sums"});
}

TEST_CASE("operations under NoGrad are heard too") {
  const Tensor x = Tensor::full({2}, 0.5, doubles).requires_grad();
  Diary diary;
  OpCallbackGuard watch(diary.callback());
  NoGrad numbers_only;
  exp(x);
  CHECK(diary.words == Words{"exp forward"});
}

TEST_CASE("only the innermost callback is told, and none after its end") {
  const Tensor x = Tensor::full({2}, 0.5, doubles);
  Diary outer, inner;
  {
    OpCallbackGuard outer_watch(outer.callback());
    exp(x);
    {
      OpCallbackGuard inner_watch(inner.callback());
      log(x);
    }
    abs(x);
  }
  square(x);
  CHECK(outer.words == Words{"exp forward", "abs forward"});
  CHECK(inner.words == Words{"log forward"});
}

}  // namespace
}  // namespace mneme::test
