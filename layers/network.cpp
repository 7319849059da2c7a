#include "layers/network.h"

#include "engine/base/suggest.h"
#include "layers/resnet_cifar.h"
#include "layers/resnet_imagenet.h"

namespace mneme {
namespace {

struct Known {
  int depth, side;
};

constexpr int small = 32, large = 224;
constexpr std::pair<const char*, Known> networks[] = {
    {"resnet8", {8, small}},   {"resnet14", {14, small}}, {"resnet20", {20, small}},   {"resnet32", {32, small}},
    {"resnet44", {44, small}}, {"resnet56", {56, small}}, {"resnet110", {110, small}}, {"resnet18", {18, large}},
    {"resnet34", {34, large}}, {"resnet50", {50, large}},
};

Known known(const std::string& name) { return choose_by_name("network", name, networks); }

}  // namespace

std::vector<std::string> network_names() {
  std::vector<std::string> names;
  for (const auto& [name, known] : networks) names.push_back(name);
  return names;
}

int side_meant_for(const std::string& name) { return known(name).side; }

int64_t pixels_of_last_map(const std::string& name, int64_t height, int64_t width) {
  const int halvings = side_meant_for(name) == small ? 2 : 5;
  for (int i = 0; i < halvings; ++i) height = (height + 1) / 2, width = (width + 1) / 2;
  return height * width;
}

std::unique_ptr<Backbone> make_backbone(const NetworkOptions& o, Factory& factory) {
  const Known of = known(o.name);
  const ResNetOptions options{of.depth, o.shortcut, o.last_relu, o.signed_blocks, o.signed_maps, o.kernel_scales};
  if (of.side == small) return std::make_unique<CifarResNet>(options, factory);
  return std::make_unique<ImageNetResNet>(options, factory);
}

Shortcut shortcut_of(const NetworkOptions& o) {
  return o.signed_blocks && side_meant_for(o.name) == small ? Shortcut::zero_pad : o.shortcut;
}

}  // namespace mneme
