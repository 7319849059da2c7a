#pragma once
// Note [Checkpoints]
// A checkpoint holds everything that a run needs to continue as if it had never stopped: tensors, and values as JSON. The
// file begins with one line, "mneme checkpoint SHA-256", whose hash covers all bytes after that line. A safetensors file
// follows; its metadata entry "values" is the JSON. A checkpoint is written to a temporary file and then renamed, and
// the previous checkpoint is kept, so that a crash, a full disk or a damaged file loses one epoch at most.

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/safetensors.h"

namespace mneme {

struct Checkpoint {
  nlohmann::json values;
  NamedTensors tensors;

  /// The tensors named `group` + "." + name, by that name.
  NamedTensors group(const std::string& group) const;
  void add_group(const std::string& group, const NamedTensors& members);
  /// Adds a tensor of these whole numbers, or a vector of these f64 numbers.
  void add_integers(const std::string& name, const std::vector<int>& numbers, const Shape& shape);
  void add_reals(const std::string& name, const std::vector<double>& numbers);
  /// The tensor of that name; undefined if there is none.
  Tensor find(const std::string& name) const;
};

/// The bytes of the checkpoint's file.
std::string to_bytes(const Checkpoint& checkpoint);
/// Reads what to_bytes() wrote. Throws Error, whose message begins with `name`, if the bytes were changed since.
Checkpoint parse_checkpoint(const std::string& bytes, const std::string& name);

/// The folder that holds the checkpoints of one run and nothing else.
class CheckpointFolder {
 public:
  explicit CheckpointFolder(std::filesystem::path path) : path_(std::move(path)) {}

  /// Writes the next checkpoint. Afterwards it removes all others but the last one that this object wrote or read before.
  /// Throws Error, and leaves the earlier checkpoints as they are, if the file cannot be written.
  void write(const Checkpoint& checkpoint);
  /// The newest checkpoint that is not damaged. `say` gets a line for each damaged checkpoint that is skipped. Empty if
  /// there are no checkpoints; throws Error if all are damaged.
  std::optional<Checkpoint> newest(const std::function<void(const std::string& line)>& say);
  /// True if there is a checkpoint, damaged or not.
  bool any() const;
  /// Removes all checkpoints, and the folder if nothing else is in it.
  void remove() const;

 private:
  std::filesystem::path path_;
  int known_good_ = 0;  // the number of the last checkpoint that was written or read
};

}  // namespace mneme
