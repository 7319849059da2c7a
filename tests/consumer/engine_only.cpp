// A program that uses the engine, its header-only templates included.

#include <cstdio>

#include "engine/launch.h"
#include "engine/ops.h"

namespace {

struct Double {
  const float* x;
  float* y;
  void operator()(int64_t i) const { y[i] = 2 * x[i]; }
};

}  // namespace

int main() {
  using namespace mneme;
  Tensor x = Tensor::from(std::vector<double>{1, 2, 3}, {3}, {});
  x.requires_grad();
  const Tensor y = square(x);
  backward(sum(y));
  Tensor twice = Tensor::empty({3}, {});
  for_each(Device::cpu, 3, Double{x.data<float>(), twice.data<float>()});
  const bool right = x.grad().values() == twice.values();  // d(x^2)/dx = 2 x
  std::printf("%s\n", right ? "the engine works" : "the engine's gradient is wrong");
  return right ? 0 : 1;
}
