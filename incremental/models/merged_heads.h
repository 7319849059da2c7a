#pragma once
// The heads of all tasks as one layer, for programs that expect a plain network.

#include "engine/safetensors.h"
#include "incremental/models/model_file.h"

namespace mneme {

/// The same model with one last layer: fc.weight (classes, D) and fc.bias (classes) instead of heads, corrections
/// multiplied in, and kernels multiplied by their factors. torchvision's networks load such a file as it is. Throws
/// Error for classifiers whose logits are not linear in the features: cosines and proxies.
ModelContent with_merged_heads(const ModelContent& model, const std::string& name);

/// The inverse of the merging of heads: cuts fc.weight and fc.bias into one head for each task. Throws Error if they do
/// not fit.
NamedTensors with_split_heads(const NamedTensors& merged, const ModelInfo& info);

}  // namespace mneme
