#pragma once
// Where data sets are published, one entry each, and the downloads of whole data sets.

#include "data/files/download.h"

namespace mneme::dataset_urls {

/// https://www.cs.toronto.edu/~kriz/cifar.html
inline const RemoteArchive cifar100{
    .file = {"https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz", "03b5dce01913d631647c71ecec9e9cb8"},
    .folder = "cifar-100-binary",
    .contents = {{"train.bin", 153700000}, {"test.bin", 30740000}}};

/// A published file that is used as it is.
struct SizedFile {
  const char* name;
  RemoteFile file;
  uintmax_t bytes;
};

/// http://ufldl.stanford.edu/housenumbers/
inline const SizedFile svhn_train{
    "train_32x32.mat",
    {"http://ufldl.stanford.edu/housenumbers/train_32x32.mat", "e26dedcc434d2e4c54c9b2d4a06d8373"},
    182040794};
inline const SizedFile svhn_test{
    "test_32x32.mat",
    {"http://ufldl.stanford.edu/housenumbers/test_32x32.mat", "eb5a983be6a315427106f1b164d9cef3"},
    64275384};
inline const SizedFile svhn_extra{
    "extra_32x32.mat",
    {"http://ufldl.stanford.edu/housenumbers/extra_32x32.mat", "a93ce644f1a588dc4d68dda5feec44a7"},
    1329278602};

}  // namespace mneme::dataset_urls

namespace mneme {

/// CIFAR-100 in the binary layout, from its author's page (161 MB), as folder/cifar-100-binary.
std::filesystem::path download_cifar100(const std::filesystem::path& folder, const DownloadOptions& options = {});

/// SVHN's cropped digits: train_32x32.mat and test_32x32.mat (246 MB), with `extra` also extra_32x32.mat (1.3 GB).
void download_svhn(const std::filesystem::path& folder, bool extra, const DownloadOptions& options = {});

}  // namespace mneme
