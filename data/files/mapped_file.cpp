#include "data/files/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/base/error.h"

namespace mneme {
namespace {

struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) close(number);
  }
};

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) {
  const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat about {};
  MNEME_CHECK(file.number >= 0 && fstat(file.number, &about) == 0, "{}: cannot be opened ({})", path.string(),
              std::strerror(errno));
  MNEME_CHECK(S_ISREG(about.st_mode), "{}: not a plain file", path.string());
  const auto size = static_cast<size_t>(about.st_size);
  if (size == 0) return;
  void* memory = mmap(nullptr, size, PROT_READ, MAP_SHARED, file.number, 0);
  MNEME_CHECK(memory != MAP_FAILED, "{}: cannot be mapped into memory ({})", path.string(), std::strerror(errno));
  bytes_ = {static_cast<const char*>(memory), size};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

}  // namespace mneme
