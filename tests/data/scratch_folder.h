#pragma once
// A folder that belongs to one test and is removed when the test ends.

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace mneme::test {

/// The parent of the folder, in memory where the system offers that: a run waits until its files are on the disk, and
/// hundreds of small runs would take long.
inline std::filesystem::path memory_or_disk() {
  std::error_code absent;
  const auto space = std::filesystem::space("/dev/shm", absent);
  const bool usable = !absent && space.available > (256u << 20) && ::access("/dev/shm", W_OK) == 0;
  return usable ? "/dev/shm" : std::filesystem::temp_directory_path();
}

class ScratchFolder {
 public:
  explicit ScratchFolder(const std::filesystem::path& where = std::filesystem::temp_directory_path()) {
    std::string name = (where / "mneme-test-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no scratch folder under " + name);
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

  /// Writes a file (and the folders above it) and returns its path.
  std::filesystem::path write(std::string_view name, std::string_view bytes) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return file;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace mneme::test
