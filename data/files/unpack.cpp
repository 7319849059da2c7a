#include "data/files/unpack.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

#include "engine/base/error.h"

namespace mneme {

namespace fs = std::filesystem;

namespace {

using Reader = std::unique_ptr<struct archive, decltype(&archive_read_free)>;

Reader open_archive(const fs::path& file) {
  Reader reader(archive_read_new(), &archive_read_free);
  archive_read_support_filter_all(reader.get());
  archive_read_support_format_tar(reader.get());
  archive_read_support_format_zip(reader.get());
  MNEME_CHECK(archive_read_open_filename(reader.get(), file.c_str(), 1 << 16) == ARCHIVE_OK,
              "{}: no archive that can be unpacked ({})", file.string(), archive_error_string(reader.get()));
  return reader;
}

// The path to which an entry may be unpacked. Throws Error if there is none.
fs::path target_of(archive_entry* entry, const fs::path& file, const fs::path& folder) {
  const char* text = archive_entry_pathname(entry);
  const fs::path name = text ? text : "";
  const bool leaves = name.empty() || name.is_absolute() || std::find(name.begin(), name.end(), "..") != name.end();
  MNEME_CHECK(!leaves, "{}: its entry '{}' would land outside the folder; it was not unpacked", file.string(),
              name.string());
  const auto type = archive_entry_filetype(entry);
  MNEME_CHECK((type == AE_IFREG && !archive_entry_hardlink(entry)) || type == AE_IFDIR,
              "{}: its entry '{}' is neither a file nor a folder; it was not unpacked", file.string(), name.string());
  return folder / name;
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  MNEME_CHECK(!error, "{}: cannot be created ({})", folder.string(), error.message());
}

void write_entry(struct archive* reader, const fs::path& file, const fs::path& target) {
  make_folder(target.parent_path());
  std::ofstream out(target, std::ios::binary);
  const void* block = nullptr;
  size_t size = 0;
  la_int64_t offset = 0;
  int status = ARCHIVE_OK;
  while (out && (status = archive_read_data_block(reader, &block, &size, &offset)) == ARCHIVE_OK)
    out.seekp(offset).write(static_cast<const char*>(block), static_cast<std::streamsize>(size));
  out.close();
  MNEME_CHECK(out, "{}: cannot be written ({})", target.string(), std::strerror(errno));
  MNEME_CHECK(status == ARCHIVE_EOF, "{}: the archive is damaged ({})", file.string(), archive_error_string(reader));
}

}  // namespace

void unpack(const fs::path& file, const fs::path& folder) {
  const Reader reader = open_archive(file);
  archive_entry* entry = nullptr;
  int status = ARCHIVE_OK;
  while ((status = archive_read_next_header(reader.get(), &entry)) == ARCHIVE_OK) {
    const fs::path target = target_of(entry, file, folder);
    if (archive_entry_filetype(entry) == AE_IFDIR)
      make_folder(target);
    else
      write_entry(reader.get(), file, target);
  }
  MNEME_CHECK(status == ARCHIVE_EOF, "{}: the archive is damaged ({})", file.string(),
              archive_error_string(reader.get()));
}

}  // namespace mneme
