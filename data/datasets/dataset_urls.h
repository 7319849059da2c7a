#pragma once
// The addresses of published data sets, one entry per set, and functions that download whole data sets.

#include "data/files/download.h"

namespace mneme::dataset_urls {

/// CIFAR-100, in the binary layout.
extern const RemoteArchive cifar100;

/// A published file that is used unchanged. Its local name is the last part of its address.
struct DataFile {
  const char* name;  ///< the name of the file, the last part of its address
  RemoteFile file;   ///< the address, checksum and size of the file
};

/// SVHN's cropped digits.
extern const DataFile svhn_train, svhn_test, svhn_extra;

}  // namespace mneme::dataset_urls

namespace mneme {

/// Fetches CIFAR-100 in the binary layout, from its author's page (161 MB), and returns folder/cifar-100-binary. Throws
/// Error as fetch_archive does.
std::filesystem::path download_cifar100(const std::filesystem::path& folder, const DownloadOptions& options = {});

/// Fetches SVHN's cropped digits: train_32x32.mat and test_32x32.mat (246 MB), with `extra` also extra_32x32.mat (1.3
/// GB). Throws Error as fetch_file does.
void download_svhn(const std::filesystem::path& folder, bool extra, const DownloadOptions& options = {});

}  // namespace mneme
