#pragma once
// Note [Checkpoints]
// A checkpoint contains everything that a run needs to continue as if it had never stopped: tensors, and values as
// JSON. The file is one line "mneme checkpoint SHA-256" over the rest of the file, followed by a safetensors file whose
// metadata entry "values" is the JSON. The file is written under a temporary name and renamed, and the previous
// checkpoint is kept, so that a crash, a full disk or a damaged file costs one epoch at most.

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/safetensors.h"

namespace mneme {

/// The content of a checkpoint.
struct Checkpoint {
  nlohmann::json values;  ///< all values that are not tensors
  NamedTensors tensors;   ///< all tensors, by name

  /// The tensors called `group` + "." + name, by name.
  NamedTensors group(const std::string& group) const;
  /// Adds tensors under the names `group` + "." + name.
  void add_group(const std::string& group, const NamedTensors& members);
  /// Adds an i32 tensor of this shape called `name`. Throws Error unless `numbers` has as many numbers as the shape.
  void add_integers(const std::string& name, const std::vector<int>& numbers, const Shape& shape);
  /// Adds an f64 tensor called `name` of shape [numbers.size()].
  void add_reals(const std::string& name, const std::vector<double>& numbers);
  /// The tensor called `name`; undefined if there is none.
  Tensor find(const std::string& name) const;
};

/// The bytes of the file.
std::string to_bytes(const Checkpoint& checkpoint);
/// Parses the bytes of a file. Throws Error unless they are exactly those that were written; the message starts with
/// `name`.
Checkpoint parse_checkpoint(const std::string& bytes, const std::string& name);

/// The checkpoints of one run, in a folder of their own.
class CheckpointFolder {
 public:
  /// The folder is created by the first write().
  explicit CheckpointFolder(std::filesystem::path path) : path_(std::move(path)) {}

  /// Writes the next checkpoint. Then removes all others except the last one that this object wrote or read. Throws
  /// Error if it cannot be written; the earlier checkpoints then remain.
  void write(const Checkpoint& checkpoint);
  /// The newest undamaged checkpoint. `say` receives a line for each damaged one. Empty if there are no files; throws
  /// Error if all are damaged.
  std::optional<Checkpoint> newest(const std::function<void(const std::string& line)>& say);
  /// True if there is any file, damaged or not.
  bool any() const;
  /// Removes all checkpoints, and the folder if it is then empty.
  void remove() const;

 private:
  std::filesystem::path path_;
  int known_good_ = 0;  ///< number of the last checkpoint written or read
};

}  // namespace mneme
