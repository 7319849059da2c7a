#pragma once
// Note [Checkpoints]
// A checkpoint holds whatever a run needs to go on as if it had never stopped: tensors, and values as JSON. The file is
// one line "mneme checkpoint SHA-256" over everything after it, then a safetensors file whose metadata entry "values"
// is the JSON. It is written beside its place and renamed, and the one before is kept, so that a crash, a full disk or
// a damaged file costs an epoch at most.

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "engine/safetensors.h"

namespace mneme {

struct Checkpoint {
  nlohmann::json values;
  NamedTensors tensors;

  /// The tensors named `group` + "." + name, by that name.
  NamedTensors group(const std::string& group) const;
  void add_group(const std::string& group, const NamedTensors& members);
  /// The tensor of that name; undefined if there is none.
  Tensor find(const std::string& name) const;
};

/// The file's bytes.
std::string to_bytes(const Checkpoint& checkpoint);
/// Throws Error, beginning with `name`, unless the bytes are exactly those a checkpoint was written with.
Checkpoint parse_checkpoint(const std::string& bytes, const std::string& name);

/// The checkpoints of one run, in a folder of their own.
class CheckpointFolder {
 public:
  explicit CheckpointFolder(std::filesystem::path path) : path_(std::move(path)) {}

  /// Writes the next one, and then removes all but it and the last that was written or read by this object. Throws
  /// Error, leaving the earlier ones as they are.
  void write(const Checkpoint& checkpoint);
  /// The newest that is whole; `say` is told of each damaged one passed over. Empty if there are no files at all;
  /// throws Error if all are damaged.
  std::optional<Checkpoint> newest(const std::function<void(const std::string& line)>& say);
  /// Whether there is any, whole or not.
  bool any() const;
  /// Removes them all, and the folder if nothing else is in it.
  void remove() const;

 private:
  std::filesystem::path path_;
  int known_good_ = 0;  // number of the last one written or read
};

}  // namespace mneme
