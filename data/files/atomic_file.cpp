#include "data/files/atomic_file.h"

#include "engine/base/error.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace mneme {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_writing(const fs::path& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  const char* remedy = full ? "free some space" : "check that the folder exists and may be written";
  fail("cannot write {}: {}; {} (what was written before is unharmed)", path.string(), std::strerror(error), remedy);
}

/// An open file that closes itself; close() reports what the destructor cannot.
class OpenFile {
 public:
  OpenFile(const fs::path& path, int flags) : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
  ~OpenFile() { close(); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

  bool write_all(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }

  bool sync() { return ::fsync(descriptor_) == 0; }

  bool close() {
    if (descriptor_ < 0) return true;
    return ::close(std::exchange(descriptor_, -1)) == 0;
  }

 private:
  int descriptor_;
};

/// A rename survives a power cut only once its folder has reached the disk. Not every file system can do this; then
/// the rename is as safe as it gets.
void sync_folder(const fs::path& folder) {
  OpenFile file(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  if (file.is_open()) file.sync();
}

}  // namespace

void write_file_atomically(const fs::path& path, std::string_view content) {
  fs::path temporary = path;
  temporary += ".part";
  OpenFile file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.is_open()) fail_writing(path, errno);
  const bool done =
      file.write_all(content) && file.sync() && file.close() && ::rename(temporary.c_str(), path.c_str()) == 0;
  if (!done) {
    const int error = errno;
    ::unlink(temporary.c_str());
    fail_writing(path, error);
  }
  sync_folder(path.parent_path());
}

void append_bytes(const fs::path& path, std::string_view bytes) {
  OpenFile file(path, O_WRONLY | O_CREAT | O_APPEND);
  const off_t length = file.is_open() ? ::lseek(file.descriptor(), 0, SEEK_END) : -1;
  if (length < 0) fail_writing(path, errno);
  if (!file.write_all(bytes) || !file.sync()) {
    const int error = errno;
    if (::ftruncate(file.descriptor(), length) != 0) fail("cannot write {}, and its end is cut short", path.string());
    fail_writing(path, error);
  }
}

void append_line(const fs::path& path, std::string_view line) { append_bytes(path, std::string(line) + '\n'); }

}  // namespace mneme
