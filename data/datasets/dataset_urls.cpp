#include "data/datasets/dataset_urls.h"

namespace mneme {
namespace dataset_urls {

// https://www.cs.toronto.edu/~kriz/cifar.html
const RemoteArchive cifar100{RemoteFile("https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
                                        "03b5dce01913d631647c71ecec9e9cb8", 168513733),
                             "cifar-100-binary",
                             {{"train.bin", 153700000}, {"test.bin", 30740000}}};

// http://ufldl.stanford.edu/housenumbers/, which answers by https, too.
const DataFile svhn_train{"train_32x32.mat", RemoteFile("https://ufldl.stanford.edu/housenumbers/train_32x32.mat",
                                                        "e26dedcc434d2e4c54c9b2d4a06d8373", 182040794)};
const DataFile svhn_test{"test_32x32.mat", RemoteFile("https://ufldl.stanford.edu/housenumbers/test_32x32.mat",
                                                      "eb5a983be6a315427106f1b164d9cef3", 64275384)};
const DataFile svhn_extra{"extra_32x32.mat", RemoteFile("https://ufldl.stanford.edu/housenumbers/extra_32x32.mat",
                                                        "a93ce644f1a588dc4d68dda5feec44a7", 1329278602)};

}  // namespace dataset_urls

std::filesystem::path download_cifar100(const std::filesystem::path& folder, const DownloadOptions& options) {
  return fetch_archive(dataset_urls::cifar100, folder, options);
}

void download_svhn(const std::filesystem::path& folder, bool extra, const DownloadOptions& options) {
  fetch_file(dataset_urls::svhn_train.file, folder, options);
  fetch_file(dataset_urls::svhn_test.file, folder, options);
  if (extra) fetch_file(dataset_urls::svhn_extra.file, folder, options);
}

}  // namespace mneme
