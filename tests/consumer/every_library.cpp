// A program that uses one function of every library, so that the link fails if a library lacks a dependency.

#include <cstdio>
#include <string>

#include "data/datasets/generated.h"
#include "engine/base/version.h"
#include "engine/ops.h"
#include "incremental/methods/registry.h"
#include "layers/basic.h"
#include "optim/sgd.h"

int main(int argc, char** argv) {
  using namespace mneme;
  if (argc == 2) return std::string(argv[1]) != version();

  Factory factory(1, Device::cpu);
  Linear layer(4, 2, factory);
  ParameterBlock block(layer, [](const std::string&) { return true; });
  Sgd sgd(block, {.momentum = 0.9});
  const Tensor x = Tensor::full({3, 4}, 1, {}), before = layer.weight.clone();
  backward(sum(layer(x)));
  sgd.step(0.5);  // dL/dw = 3 everywhere, so w falls by 1.5
  const double moved = before.values()[0] - layer.weight.values()[0];
  if (moved < 1.4999 || moved > 1.5001) return std::printf("a step moved a weight by %g instead of 1.5\n", moved), 1;

  const OwnedDataset data = generate_images({.classes = 2, .train_per_class = 3, .seed = 1});
  if (data.train->size() != 6) return std::printf("6 images were needs_input_grad\n"), 1;

  const size_t known = all_methods().size();
  const auto make = [](const MethodOptions& o) { return make_method("finetuning", o); };
  register_method({.name = "own", .summary = "of this program", .make = make});
  if (all_methods().size() != known + 1 || make_method("own", {}).name != "own")
    return std::printf("the registered method was not found\n"), 1;
  try {
    register_method({.name = "own", .summary = "the same name again", .make = make});
  } catch (const Error& error) {
    return std::printf("every library works\n"), 0;
  }
  return std::printf("a method's name was taken twice\n"), 1;
}
