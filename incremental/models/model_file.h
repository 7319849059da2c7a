#pragma once
// Note [Model files]
// A model file is a safetensors file. Its tensors are the network's, under PyTorch's names, and those that the
// prediction rule needs: "rule.means" and so on, and "nearest_mean.means", the class means over exemplars, where the
// run had exemplars and its own rule is another one. The metadata has two entries: "format" is "pt", as other libraries
// expect, and "mneme" is a JSON object: the ModelInfo, and "sha256", the SHA-256 of everything behind the header. Hence
// the file alone is enough to classify images with it.

#include <filesystem>
#include <memory>
#include <string>

#include "engine/safetensors.h"
#include "incremental/models/model_info.h"
#include "incremental/protocol/prediction_rule.h"
#include "layers/incremental_net.h"

namespace mneme {

/// The bytes of a model file. `net` and `rule` are those that `info` describes. `class_means` are the tensors of a
/// nearest-mean rule beside `rule`, or empty.
std::string model_bytes(IncrementalNet& net, PredictionRule& rule, const NamedTensors& class_means,
                        const ModelInfo& info);
/// The bytes of a model file with these tensors, which `info` describes.
std::string model_bytes(const NamedTensors& tensors, const ModelInfo& info);

/// The SHA-256 of what stands behind the header in the bytes of a safetensors file: the numbers of all tensors, which
/// do not depend on the metadata. Throws Error if the header claims more than there is.
std::string weights_sha256(std::string_view bytes);

/// The entry of the metadata that holds the description.
inline constexpr const char* model_entry = "mneme";

/// The tensors of the network alone, among those of a model file.
NamedTensors network_tensors(NamedTensors all);

/// Throws Error, beginning with `file`, if a number of the tensors is not finite.
void check_finite(const NamedTensors& tensors, const std::string& file);

/// The content of a model file.
struct ModelContent {
  ModelInfo info;        ///< what the model says of itself
  NamedTensors tensors;  ///< on the reference device
  std::string sha256;    ///< of the tensors' bytes
};

/// Reads a model file. Throws Error, naming the file, as read_safetensors() does, for a file that does not describe
/// itself, for tensors that were changed after the file was written, and for weights that are not finite.
ModelContent read_model(const std::filesystem::path& file);

/// The file of the model after `after` tasks of a run; 0: after the last one. `path` is a model file or the folder of a
/// run. Throws Error if there is no such model.
std::filesystem::path model_path_of(const std::filesystem::path& path, int after);

/// A model that can be used.
struct TrainedModel {
  ModelInfo info;                       ///< what the model says of itself
  std::unique_ptr<IncrementalNet> net;  ///< the network with its weights
  RulePointer rule;                     ///< the rule with which the model predicts
  std::string sha256;                   ///< of the tensors' bytes
};

/// Builds the network and the rule of `content` on `device`. `predict_by` names another rule than the model's own;
/// empty: its own. Throws Error if the tensors do not fit the description, and UsageError for a rule that is not known
/// or for which the model has no class means.
TrainedModel build_model(const ModelContent& content, const std::string& name, Device device,
                         const std::string& predict_by = "");

}  // namespace mneme
