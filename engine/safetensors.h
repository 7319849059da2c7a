#pragma once
// Tensor files in the safetensors format: 8 bytes with the header's length (little-endian), a JSON header
// {"name": {"dtype": "F32", "shape": [..], "data_offsets": [begin, end]}, ..., "__metadata__": {"key": "value"}}, then
// the numbers, N, C, H, W order. With PyTorch's parameter names, `safetensors.torch.load_file` + `load_state_dict` read
// what we write, and we read what `save_file` wrote.

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/tensor.h"

namespace mneme {

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;
using Metadata = std::map<std::string, std::string>;

/// The file's bytes. Tensors are stored in the order given, f32, f64, i32 or u8, metadata sorted by key.
std::string to_safetensors(const NamedTensors& tensors, const Metadata& metadata = {});

struct SafetensorsFile {
  NamedTensors tensors;  // on the host, in the file's order of bytes
  Metadata metadata;
};

/// Reads a file. Half-precision numbers (F16, BF16) and I64 arrive as f32 and i32. Throws, naming the file, when it is
/// missing, truncated, too long or not what its header says, or when an I64 does not fit; never reads outside it.
SafetensorsFile read_safetensors(const std::filesystem::path& path);
/// The same from bytes in memory; `name` stands for the file in messages.
SafetensorsFile parse_safetensors(const std::string& bytes, const std::string& name);

}  // namespace mneme
