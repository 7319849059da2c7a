#include "data/datasets/dataset_urls.h"

namespace mneme {

std::filesystem::path download_cifar100(const std::filesystem::path& folder, const DownloadOptions& options) {
  return fetch_archive(dataset_urls::cifar100, folder, options);
}

void download_svhn(const std::filesystem::path& folder, bool extra, const DownloadOptions& options) {
  fetch_file(dataset_urls::svhn_train.file, folder, options);
  fetch_file(dataset_urls::svhn_test.file, folder, options);
  if (extra) fetch_file(dataset_urls::svhn_extra.file, folder, options);
}

}  // namespace mneme
