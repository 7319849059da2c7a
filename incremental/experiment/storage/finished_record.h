#pragma once
// The record of a finished run: results.checkpoint. It has the form of a checkpoint and holds what the other files of
// the folder are made of, and the SHA-256 of each, so that --resume can tell whether they are whole and write those
// again that are not. The times of epochs are not in it, because timing.jsonl alone holds them; how the run was made
// is.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "incremental/experiment/storage/run_folder.h"

namespace mneme {

/// Writes the record: `content`, and the sums of all files that are in the folder now. timing.jsonl and TensorBoard's
/// events, which tell times, are left out.
void write_finished_record(const RunFolder& folder, Checkpoint content);
/// The record. Empty if there is none, or if it is damaged, of which `say` receives a line.
std::optional<Checkpoint> finished_record(const RunFolder& folder,
                                          const std::function<void(const std::string& line)>& say);
/// The files that are missing or have another content than when the record was written, as paths inside the folder.
std::vector<std::string> changed_files(const RunFolder& folder, const Checkpoint& record);

}  // namespace mneme
