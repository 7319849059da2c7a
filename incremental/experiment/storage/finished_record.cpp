#include "incremental/experiment/storage/finished_record.h"

#include "data/files/atomic_file.h"
#include "data/files/checksum.h"
#include "data/files/file_bytes.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

fs::path record_of(const RunFolder& folder) { return folder.path() / RunFolder::record_file; }

}  // namespace

void write_finished_record(const RunFolder& folder, Checkpoint content) {
  nlohmann::json sums = nlohmann::json::object();
  for (const fs::path& file : folder.files_without_times())
    sums[file.string()] = sha256(read_file(folder.path() / file));
  content.values["files"] = std::move(sums);
  write_file_atomically(record_of(folder), to_bytes(content));
}

std::optional<Checkpoint> finished_record(const RunFolder& folder, const std::function<void(const std::string&)>& say) {
  if (!fs::exists(record_of(folder))) return {};
  try {
    return parse_checkpoint(read_file(record_of(folder)), record_of(folder).string());
  } catch (const Error& error) {
    say(error.what());
    return {};
  }
}

std::vector<std::string> changed_files(const RunFolder& folder, const Checkpoint& record) {
  std::vector<std::string> changed;
  const nlohmann::json sums = record.values.value("files", nlohmann::json::object());
  for (const auto& [name, sum] : sums.items()) try {
      if (sha256(read_file(folder.path() / name)) != sum) changed.push_back(name);
    } catch (const Error&) {
      changed.push_back(name);
    }
  return changed;
}

}  // namespace mneme
