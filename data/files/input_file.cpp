#include "data/files/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/base/error.h"

namespace mneme {

InputFile::InputFile(const std::filesystem::path& path)
    : path_(path), number_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  struct stat about {};
  const bool opened = number_ >= 0 && fstat(number_, &about) == 0;
  const int error = errno;
  const bool plain = opened && S_ISREG(about.st_mode);
  if (number_ >= 0 && !plain) close(number_);
  MNEME_CHECK(opened, "{}: cannot be opened ({})", path.string(), std::strerror(error));
  MNEME_CHECK(plain, "{}: not a plain file", path.string());
  size_ = static_cast<uint64_t>(about.st_size);
}

InputFile::~InputFile() { close(number_); }

void InputFile::read(uint64_t at, std::span<char> to) const {
  while (!to.empty()) {
    const ssize_t got = pread(number_, to.data(), to.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    MNEME_CHECK(got >= 0, "{}: cannot be read ({})", path_.string(), std::strerror(errno));
    MNEME_CHECK(got > 0,
                "{}: ends at byte {}, and had {} bytes when it was opened: something has cut it short; "
                "put the whole file back and go on",
                path_.string(), at, size_);
    to = to.subspan(static_cast<size_t>(got));
    at += static_cast<uint64_t>(got);
  }
}

}  // namespace mneme
