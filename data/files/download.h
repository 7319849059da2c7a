#pragma once
// Fetching published data sets. Nothing here runs unless a user asks for it by a download verb.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace mneme {

/// One published file.
struct RemoteFile {
  std::string url, md5;
};

/// A published archive and what it unpacks to: `folder` with these files (name, size in bytes).
struct RemoteArchive {
  RemoteFile file;
  std::string folder;
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
/// earlier one stopped. Throws Error if the server, the network or the disk fails, or the md5 does not match.
std::filesystem::path fetch_file(const RemoteFile& file, const std::filesystem::path& folder,
                                 const DownloadOptions& options = {});

/// Fetches an archive, unpacks it beside itself, moves the unpacked folder into place at once and removes the archive.
/// Returns the path of the unpacked folder; if that is complete already, nothing is fetched. Throws Error as fetch_file
/// does, and if the archive holds anything that is not a plain file or folder inside its folder.
std::filesystem::path fetch_archive(const RemoteArchive& archive, const std::filesystem::path& folder,
                                    const DownloadOptions& options = {});

}  // namespace mneme
