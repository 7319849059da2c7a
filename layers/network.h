#pragma once
// Backbones by their names.

#include <memory>
#include <string>
#include <vector>

#include "layers/backbone.h"
#include "layers/residual_block.h"

namespace mneme {

/// What a user and a method choose of a backbone; see ResNetOptions.
struct NetworkOptions {
  std::string name = "resnet32";
  Shortcut shortcut = Shortcut::projection;
  bool last_relu = true, signed_blocks = false, signed_maps = false, kernel_scales = false;
};

/// resnet8, 14, 20, 32, 44, 56 and 110 for images of 32x32 pixels, resnet18, 34 and 50 for images of 224x224.
std::vector<std::string> network_names();
/// Throws UsageError for a name that is none of these, listing them. So does whatever else takes a name.
std::unique_ptr<Backbone> make_backbone(const NetworkOptions& options, Factory& factory);
/// The side of the images that a network is meant for: 32 or 224 pixels.
int side_meant_for(const std::string& name);
/// The shortcuts a network really has: those of PODNet's for small images are no matter of choice.
Shortcut shortcut_of(const NetworkOptions& options);

}  // namespace mneme
