#pragma once
// Fetching published data sets. Nothing here runs unless a user asks for it by a download verb.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace mneme {

/// The size of a file in an archive that may have any.
inline constexpr uintmax_t any_size = 0;

/// One published file.
struct RemoteFile {
  std::string url,    ///< the address
      md5;            ///< the MD5 checksum in hexadecimal digits
  int64_t bytes = 0;  ///< its size, beyond which nothing is taken from a server; 0 if it is not known
};

/// A published archive and what it unpacks to: `folder` with these files (name, size in bytes).
struct RemoteArchive {
  RemoteFile file;     ///< the archive itself
  std::string folder;  ///< the name of the folder that the archive unpacks to
  /// The name and the size in bytes of files in it, which tell that it was unpacked.
  std::vector<std::pair<std::string, uintmax_t>> contents;
};

struct DownloadOptions {
  std::string url;  // a mirror to use instead of the official address; the md5 stays
  std::function<void(int64_t received, int64_t total)> progress;  // bytes; total is 0 while unknown
};

/// Whether this build can download; if not, the functions below throw an Error naming the packages it was built
/// without.
bool can_download();

/// Fetches a file into `folder` under the last part of its address and returns its path. A file with the right md5 is
/// left as it is. Until complete and checked, the data lies beside it as NAME.part, and a later call goes on where an
/// earlier one stopped. From an address with https, redirects lead to https only. Throws Error if the server, the
/// network or the disk fails, if the server has more bytes than the file, if the md5 does not match, and if NAME.part
/// is a symbolic link or no plain file.
std::filesystem::path fetch_file(const RemoteFile& file, const std::filesystem::path& folder,
                                 const DownloadOptions& options = {});

/// Fetches an archive, unpacks it beside itself, moves the unpacked folder into place at once and removes the archive.
/// Returns the path of the unpacked folder; if that is complete already, nothing is fetched. Throws Error as fetch_file
/// does, and if the archive holds anything that is not a plain file or folder inside its folder.
std::filesystem::path fetch_archive(const RemoteArchive& archive, const std::filesystem::path& folder,
                                    const DownloadOptions& options = {});

}  // namespace mneme
