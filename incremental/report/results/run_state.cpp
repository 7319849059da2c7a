#include "incremental/report/results/run_state.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>

namespace mneme {
namespace {

namespace fs = std::filesystem;

/// Whether a process holds the lock of the folder.
bool is_being_written(const fs::path& folder) {
  const int file = open((folder / ".lock").c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return false;
  const bool taken = flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  close(file);
  return taken;
}

bool has_checkpoints(const fs::path& folder) {
  std::error_code absent;
  const fs::directory_iterator files(folder / "checkpoints", absent);
  return std::any_of(begin(files), end(files),
                     [](const auto& file) { return file.path().extension() == ".checkpoint"; });
}

/// 0 if run.json does not tell.
int tasks_to_run(const fs::path& folder) {
  std::ifstream file(folder / "run.json");
  const nlohmann::json settings = file ? nlohmann::json::parse(file, nullptr, false) : nlohmann::json();
  const auto found = settings.is_object() ? settings.find("tasks_to_run") : settings.end();
  return found != settings.end() && found->is_number_integer() ? found->get<int>() : 0;
}

}  // namespace

std::string why_unfinished(const fs::path& folder, int tasks_done) {
  if (is_being_written(folder)) return "it is being written just now";
  if (has_checkpoints(folder) || tasks_done < tasks_to_run(folder))
    return "it was stopped or killed, and --resume goes on with it";
  return {};
}

}  // namespace mneme
