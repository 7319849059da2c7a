#include "layers/basic.h"

#include <cmath>

namespace mneme {

Conv2d::Conv2d(const Options& o, Factory& factory)
    : weight(factory.normal({o.out, o.in, o.kernel, o.kernel},
                            std::sqrt(2.0 / static_cast<double>(o.out * o.kernel * o.kernel)))),
      options{o.stride, o.pad} {
  if (o.scaled) kernel_scale = factory.constant({o.out, o.in, 1, 1}, 1);
}

void Conv2d::each_state(const std::string& at, const Visit& visit) {
  visit(join(at, "weight"), weight, StateKind::parameter);
  if (kernel_scale) visit(join(at, "kernel_scale"), kernel_scale, StateKind::parameter);
}

BatchNorm2d::BatchNorm2d(int64_t channels, Factory& factory, double gamma)
    : weight(factory.constant({channels}, gamma)),
      bias(factory.constant({channels}, 0)),
      running{factory.constant({channels}, 0), factory.constant({channels}, 1)} {}

void BatchNorm2d::each_state(const std::string& at, const Visit& visit) {
  visit(join(at, "weight"), weight, StateKind::parameter);
  visit(join(at, "bias"), bias, StateKind::parameter);
  visit(join(at, "running_mean"), running.mean, StateKind::buffer);
  visit(join(at, "running_var"), running.variance, StateKind::buffer);
}

Linear::Linear(int64_t in, int64_t out, Factory& factory)
    : weight(factory.uniform({out, in}, 1 / std::sqrt(static_cast<double>(in)))),
      bias(factory.uniform({out}, 1 / std::sqrt(static_cast<double>(in)))) {}

void Linear::each_state(const std::string& at, const Visit& visit) {
  visit(join(at, "weight"), weight, StateKind::parameter);
  visit(join(at, "bias"), bias, StateKind::parameter);
}

}  // namespace mneme
