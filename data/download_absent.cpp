// The build without libcurl or libarchive.
#include "data/download.h"
#include "engine/error.h"

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

std::filesystem::path download_cifar100(const std::filesystem::path&, const DownloadOptions&) { absent(); }

void download_svhn(const std::filesystem::path&, bool, const DownloadOptions&) { absent(); }

}  // namespace mneme
