#pragma once
// Tensor files in the safetensors format (https://github.com/huggingface/safetensors): 8 bytes with the length of the
// header (little-endian); a JSON header {"name": {"dtype": "F32", "shape": [..], "data_offsets": [begin, end]}, ...,
// "__metadata__": {"key": "value"}}; then the numbers in N, C, H, W order. With PyTorch's parameter names,
// `safetensors.torch.load_file` and `load_state_dict` read the files that this code writes, and this code reads the
// files that `save_file` wrote.

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/tensor.h"

namespace mneme {

/// Tensors with their names, in order.
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;
/// The texts of "__metadata__".
using Metadata = std::map<std::string, std::string>;

/// The bytes of a file with these tensors, in the order given. Types are kept; metadata is sorted by key.
std::string to_safetensors(const NamedTensors& tensors, const Metadata& metadata = {});

/// The content of a file.
struct SafetensorsFile {
  NamedTensors tensors;  ///< on the reference device, in the order of their bytes in the file
  Metadata metadata;     ///< empty if there is none
};

/// Reads a file. Half-precision numbers (F16, BF16) become f32, and I64 becomes i32. "__metadata__" may be null.
/// Throws Error, naming the file, if it is missing or no regular file, and calls it damaged if it is truncated or too
/// long, if its tensors overlap or leave gaps, or if its header contradicts itself, names something twice, is nested
/// deeper than a header can be, or has arrays longer than a shape can be. A sound file with a tensor of another type,
/// of more than Shape::max_rank dimensions, or with an I64 that does not fit into 32 bits is refused too, by a message
/// that says which tensor has what. Nothing outside the file is ever read.
SafetensorsFile read_safetensors(const std::filesystem::path& path);
/// Parses such a file from bytes in memory. `name` is the name that messages use.
SafetensorsFile parse_safetensors(const std::string& bytes, const std::string& name);

}  // namespace mneme
