#pragma once
// The addresses of published data sets, one entry per set, and functions that download whole data sets.

#include <array>
#include <string>
#include <string_view>

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

/// The files of a set in MNIST's format.
struct MnistFiles {
  std::string_view set;           ///< the name of the set in data/datasets/mnist.h
  std::array<DataFile, 4> files;  ///< images and labels for training, images and labels for testing
};

/// MNIST, Fashion-MNIST and KMNIST, whose files are published one by one.
extern const std::array<MnistFiles, 3> mnist;

/// All splits of EMNIST, Tiny-ImageNet, CUB-200-2011, and CORe50's images and lists.
extern const RemoteArchive emnist, tiny_imagenet, cub200, core50_images, core50_lists;

}  // namespace mneme::dataset_urls

namespace mneme {

/// Fetches CIFAR-100 in the binary layout, from its author's page (161 MB), and returns folder/cifar-100-binary. Throws
/// Error as fetch_archive does.
std::filesystem::path download_cifar100(const std::filesystem::path& folder, const DownloadOptions& options = {});

/// Fetches SVHN's cropped digits: train_32x32.mat and test_32x32.mat (246 MB), with `extra` also extra_32x32.mat (1.3
/// GB). Throws Error as fetch_file does.
void download_svhn(const std::filesystem::path& folder, bool extra, const DownloadOptions& options = {});

/// Fetches a set of data/datasets/mnist.h into folder/SET, or all splits of EMNIST (536 MB) into folder/emnist/gzip.
/// Throws UsageError for the name of another set, and Error as fetch_file and fetch_archive do.
void download_mnist(const std::filesystem::path& folder, const std::string& set, const DownloadOptions& options = {});

/// Fetches Tiny-ImageNet (237 MB) into folder/tiny-imagenet-200. Throws Error as fetch_archive does, as do the next
/// two.
void download_tiny_imagenet(const std::filesystem::path& folder, const DownloadOptions& options = {});

/// Fetches CUB-200-2011 (1.1 GB) into folder/CUB_200_2011.
void download_cub200(const std::filesystem::path& folder, const DownloadOptions& options = {});

/// Fetches CORe50's images of 128x128 pixels (5.5 GB) into folder/core50_128x128 and its lists into
/// folder/batches_filelists.
void download_core50(const std::filesystem::path& folder, const DownloadOptions& options = {});

}  // namespace mneme
