#pragma once
// Note [Pretrained weights]
// A run may begin with the weights of a file (--pretrained) instead of random ones. The file is a safetensors file with
// torchvision's names, or a model of ours (Note [Model files]). Every network that the run makes begins with the file's
// backbone. The file's head is left out, unless the user keeps it: then row k of it becomes output k of the first task,
// whose classes must be as many. Corrections of logits and factors of kernels are multiplied in where the file's
// classifier is linear. A run is bound to the numbers and not to the name of the file: `id` stands in its protocol.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "data/batches/image_set.h"
#include "engine/safetensors.h"
#include "incremental/models/model_info.h"
#include "layers/incremental_net.h"

namespace mneme {

/// Weights with which networks begin.
struct Pretrained {
  std::string file;               ///< the name of the file, for messages
  bool keeps_head = false;        ///< whether the head is among the weights
  NamedTensors weights;           ///< by the names of IncrementalNet, on the reference device; a head is "heads.0"
  std::string id;                 ///< 12 hexadecimal digits of SHA-256 over names, shapes and numbers of the weights
  std::optional<ModelInfo> info;  ///< what a model of ours says of itself; none for other files
};

/// Reads the weights in `file`. Throws Error, naming the file, as read_safetensors() and, for a model of ours,
/// read_model() do; for numbers that are not finite; and for tensors of whole numbers.
std::shared_ptr<const Pretrained> read_pretrained(const std::filesystem::path& file, bool keep_head);

/// Checks that the weights fit `net`, which is called `network` and has the classes of the first task. Throws Error in
/// one line: for a model of another network both names; else the tensors that are missing, surplus or of another shape.
/// A kernel's factor may be missing, since it begins with 1.
void check_fits(const Pretrained& pretrained, IncrementalNet& net, const std::string& network);

/// What a reader of a run's results must know about its first weights, a sentence or two: which they are, and whether
/// they were learned from images that were normalised otherwise than those of `images`.
std::string remark_on(const Pretrained& pretrained, const ImageSetInfo& images);

}  // namespace mneme
