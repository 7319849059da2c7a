#include "data/files/output_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/base/error.h"

namespace mneme {

OutputFile::OutputFile(const std::filesystem::path& path)
    : path_(path), number_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
  MNEME_CHECK(number_ >= 0, "{}: cannot be written ({})", path.string(), std::strerror(errno));
  if (flock(number_, LOCK_EX | LOCK_NB) == 0) return;
  close(number_);
  fail("{}: another program is writing it", path.string());
}

OutputFile::~OutputFile() { close(number_); }

void OutputFile::fail_writing() const {
  fail("{}: cannot be written ({}); what is done so far is kept", path_.string(), std::strerror(errno));
}

uint64_t OutputFile::size() const {
  const off_t end = lseek(number_, 0, SEEK_END);
  if (end < 0) fail_writing();
  return static_cast<uint64_t>(end);
}

void OutputFile::resize(uint64_t size) {
  if (ftruncate(number_, static_cast<off_t>(size)) != 0) fail_writing();
}

void OutputFile::append(std::string_view bytes) { overwrite(bytes, size()); }

void OutputFile::overwrite(std::string_view bytes, uint64_t at) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(number_, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail_writing();
    bytes.remove_prefix(static_cast<size_t>(written));
    at += static_cast<uint64_t>(written);
  }
}

void OutputFile::sync() {
  if (fsync(number_) != 0) fail_writing();
}

}  // namespace mneme
