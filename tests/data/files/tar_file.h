#pragma once
// Writes archives, valid or damaged on purpose.

#include <zlib.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

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

/// The lowest bytes of a number, the lowest first.
inline std::string little_endian(size_t value, int bytes) {
  std::string text;
  for (int k = 0; k < bytes; ++k) text.push_back(static_cast<char>(value >> 8 * k));
  return text;
}

/// Writes a ZIP archive of files (name, content) that are stored and not compressed (PKWARE's APPNOTE.TXT, 4.3).
inline std::filesystem::path write_zip(const std::filesystem::path& file,
                                       const std::vector<std::pair<std::string, std::string>>& files) {
  std::string entries, directory;
  for (const auto& [name, content] : files) {
    const uLong sum = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
    const std::string about = little_endian(0, 8) + little_endian(sum, 4) + little_endian(content.size(), 4) +
                              little_endian(content.size(), 4) + little_endian(name.size(), 2) + little_endian(0, 2);
    directory += "PK\1\2" + little_endian(20, 2) + little_endian(20, 2) + about + little_endian(0, 10) +
                 little_endian(entries.size(), 4) + name;
    entries += "PK\3\4" + little_endian(20, 2) + about + name + content;
  }
  const std::string end = "PK\5\6" + little_endian(0, 4) + little_endian(files.size(), 2) +
                          little_endian(files.size(), 2) + little_endian(directory.size(), 4) +
                          little_endian(entries.size(), 4) + little_endian(0, 2);
  std::ofstream(file, std::ios::binary) << entries << directory << end;
  return file;
}

}  // namespace mneme::test
