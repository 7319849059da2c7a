#include "layers/network.h"

#include <doctest/doctest.h>

#include "engine/base/error.h"
#include "layers/resnet_cifar.h"
#include "layers/resnet_imagenet.h"

using namespace mneme;

namespace {

std::unique_ptr<Backbone> make(const NetworkOptions& options) {
  Factory factory(1, Device::cpu);
  return make_backbone(options, factory);
}

template <class Net>
const ResNetOptions& options_of(const Backbone& backbone) {
  const auto* net = dynamic_cast<const Net*>(&backbone);
  REQUIRE(net);
  return net->options;
}

}  // namespace

TEST_CASE("every network has its name, its size of image and its depth") {
  for (const std::string& name : network_names()) {
    CAPTURE(name);
    if (name == "resnet110") continue;  // behaves like the others, but takes long to initialise
    const bool large = name == "resnet18" || name == "resnet34" || name == "resnet50";
    CHECK(side_meant_for(name) == (large ? 224 : 32));
    const auto net = make({.name = name});
    const int depth = large ? options_of<ImageNetResNet>(*net).depth : options_of<CifarResNet>(*net).depth;
    CHECK(name == fmt::format("resnet{}", depth));
  }
}

TEST_CASE("what methods want of a network reaches it, in both families") {
  const NetworkOptions wanted{.shortcut = Shortcut::zero_pad,
                              .last_relu = false,
                              .signed_blocks = true,
                              .signed_maps = true,
                              .kernel_scales = true};
  for (const char* name : {"resnet8", "resnet18"}) {
    NetworkOptions o = wanted;
    o.name = name;
    const auto net = make(o);
    const ResNetOptions& got = o.name == "resnet8" ? options_of<CifarResNet>(*net) : options_of<ImageNetResNet>(*net);
    CHECK(got.shortcut == Shortcut::zero_pad);
    CHECK_FALSE(got.last_relu);
    CHECK(got.signed_blocks);
    CHECK(got.signed_maps);
    CHECK(got.kernel_scales);
  }
}

TEST_CASE("PODNet's small network pads its shortcuts whatever was chosen, its large one does as told") {
  CHECK(shortcut_of({.name = "resnet32", .signed_blocks = true}) == Shortcut::zero_pad);
  CHECK(shortcut_of({.name = "resnet18", .signed_blocks = true}) == Shortcut::projection);
  CHECK(shortcut_of({.name = "resnet32"}) == Shortcut::projection);
}

TEST_CASE("an unknown network is answered with the nearest name and all of them") {
  CHECK_THROWS_WITH_AS((void)make({.name = "resnet_18"}),
                       "unknown network 'resnet_18'; did you mean 'resnet18'? Known: resnet8, resnet14, resnet20, "
                       "resnet32, resnet44, resnet56, resnet110, resnet18, resnet34, resnet50",
                       UsageError);
  CHECK_THROWS_AS((void)side_meant_for("vgg"), UsageError);
}

TEST_CASE("shortcuts go by name") {
  CHECK(shortcut_named("zero-pad") == Shortcut::zero_pad);
  CHECK(shortcut_named(name_of(Shortcut::projection)) == Shortcut::projection);
  CHECK_THROWS_WITH_AS((void)shortcut_named("zeropad"),
                       "unknown shortcut 'zeropad'; did you mean 'zero-pad'? Known: projection, zero-pad", UsageError);
}
