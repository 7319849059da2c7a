// The build without libcurl or libarchive.
#include "data/files/download.h"
#include "engine/base/error.h"

namespace mneme {

namespace {

[[noreturn]] void absent() {
  fail(
      "this build has no download support: install libcurl4-openssl-dev and libarchive-dev, then configure and build "
      "again");
}

}  // namespace

bool can_download() { return false; }

std::filesystem::path fetch_file(const RemoteFile&, const std::filesystem::path&, const DownloadOptions&) { absent(); }

std::filesystem::path fetch_archive(const RemoteArchive&, const std::filesystem::path&, const DownloadOptions&) {
  absent();
}

}  // namespace mneme
