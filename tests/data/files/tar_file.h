#pragma once
// Writes tar archives, valid or damaged on purpose.

#include <zlib.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>

namespace mneme::test {

/// One entry in the ustar format. type: '0' file, '5' folder, '1' hard link, '2' symbolic link, '3' device.
inline std::string tar_entry(const std::string& name, const std::string& content, char type = '0',
                             const std::string& link = "") {
  char header[512] = {};
  std::snprintf(header, 100, "%s", name.c_str());
  std::snprintf(header + 100, 8, "%07o", 0644);
  std::snprintf(header + 108, 8, "%07o", 0);
  std::snprintf(header + 116, 8, "%07o", 0);
  std::snprintf(header + 124, 12, "%011zo", content.size());
  std::snprintf(header + 136, 12, "%011o", 0);
  header[156] = type;
  std::snprintf(header + 157, 100, "%s", link.c_str());
  std::memcpy(header + 257, "ustar\00000", 8);
  std::memset(header + 148, ' ', 8);
  unsigned sum = 0;
  for (char c : header) sum += static_cast<unsigned char>(c);
  std::snprintf(header + 148, 8, "%06o", sum);
  return std::string(header, 512) + content + std::string((512 - content.size() % 512) % 512, '\0');
}

inline std::filesystem::path write_tar_gz(const std::filesystem::path& file, const std::string& entries) {
  const std::string all = entries + std::string(1024, '\0');
  gzFile out = gzopen(file.c_str(), "wb");
  gzwrite(out, all.data(), static_cast<unsigned>(all.size()));
  gzclose(out);
  return file;
}

}  // namespace mneme::test
