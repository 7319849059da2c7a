#pragma once
// Backbones by name.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "layers/backbone.h"
#include "layers/residual_block.h"

namespace mneme {

/// The properties of a backbone that a user or a method chooses; see ResNetOptions.
struct NetworkOptions {
  std::string name = "resnet32";             ///< one of network_names()
  Shortcut shortcut = Shortcut::projection;  ///< see ResNetOptions
  bool last_relu = true,                     ///< see ResNetOptions
      signed_blocks = false,                 ///< see ResNetOptions
      signed_maps = false,                   ///< see ResNetOptions
      kernel_scales = false;                 ///< see ResNetOptions
};

/// resnet8, 14, 20, 32, 44, 56 and 110 for images of 32x32 pixels, resnet18, 34 and 50 for images of 224x224.
std::vector<std::string> network_names();
/// A new backbone with weights from `factory`. Throws UsageError, listing the names, for a name that is not known.
std::unique_ptr<Backbone> make_backbone(const NetworkOptions& options, Factory& factory);
/// The side of the images for which a network is meant: 32 or 224 pixels. Throws UsageError as make_backbone() does.
int side_meant_for(const std::string& name);
/// The pixels of the network's last feature maps for images of these sides: small networks halve a side twice, the
/// others five times, each time rounded up. Throws UsageError as make_backbone() does.
int64_t pixels_of_last_map(const std::string& name, int64_t height, int64_t width);
/// The shortcuts that a network really has: PODNet's network for small images does not let the user choose. Throws
/// UsageError as make_backbone() does.
Shortcut shortcut_of(const NetworkOptions& options);

}  // namespace mneme
