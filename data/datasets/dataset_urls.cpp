#include "data/datasets/dataset_urls.h"

#include <algorithm>

#include "data/datasets/mnist.h"
#include "engine/base/suggest.h"

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

namespace {

DataFile mnist_file(const std::string& folder, const char* name, const char* md5, int64_t bytes) {
  return {name, RemoteFile(folder + name, md5, bytes)};
}

// PyTorch's mirror of http://yann.lecun.com/exdb/mnist/, which no longer answers everybody.
const std::string digits = "https://ossci-datasets.s3.amazonaws.com/mnist/";
// https://github.com/zalandoresearch/fashion-mnist
const std::string fashion = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/";
// https://github.com/rois-codh/kmnist
const std::string kuzushiji = "https://codh.rois.ac.jp/kmnist/dataset/kmnist/";

}  // namespace

// Checksums of the three: torchvision, torchvision/datasets/mnist.py.
const std::array<MnistFiles, 3> mnist{{
    {"mnist",
     {mnist_file(digits, "train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873", 9912422),
      mnist_file(digits, "train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432", 28881),
      mnist_file(digits, "t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3", 1648877),
      mnist_file(digits, "t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c", 4542)}},
    {"fashion",
     {mnist_file(fashion, "train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d", 26421880),
      mnist_file(fashion, "train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe", 29515),
      mnist_file(fashion, "t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79", 4422102),
      mnist_file(fashion, "t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310", 5148)}},
    {"kmnist",
     {mnist_file(kuzushiji, "train-images-idx3-ubyte.gz", "bdb82020997e1d708af4cf47b453dcf7", 18165135),
      mnist_file(kuzushiji, "train-labels-idx1-ubyte.gz", "e144d726b3acfaa3e44228e80efcd344", 29497),
      mnist_file(kuzushiji, "t10k-images-idx3-ubyte.gz", "5c965bf0a639b31b8f53240b1b52f4d7", 3041136),
      mnist_file(kuzushiji, "t10k-labels-idx1-ubyte.gz", "7320c461ea6c1c855c0b718fb2a4b134", 5120)}},
}};

// https://www.nist.gov/itl/products-and-services/emnist-dataset; checksum: torchvision, the same file.
const RemoteArchive emnist{
    RemoteFile("https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip", "58c8d27c78d21e728a6bc7b3cc06412e", 561753746),
    "gzip",
    {{"emnist-balanced-train-images-idx3-ubyte.gz", any_size}, {"emnist-mnist-test-labels-idx1-ubyte.gz", any_size}}};

// Stanford's course CS231n; checksum: Avalanche, avalanche/benchmarks/datasets/tiny_imagenet/tiny_imagenet.py.
const RemoteArchive tiny_imagenet{
    RemoteFile("https://cs231n.stanford.edu/tiny-imagenet-200.zip", "90528d7ca1a48142e341f4ef8d21d0de", 248100043),
    "tiny-imagenet-200",
    {{"wnids.txt", any_size}, {"words.txt", any_size}, {"val/val_annotations.txt", any_size}}};

// https://data.caltech.edu/records/65de6-vp158; checksum: Avalanche, avalanche/benchmarks/datasets/cub200/cub200.py.
const RemoteArchive cub200{
    RemoteFile("https://data.caltech.edu/records/65de6-vp158/files/CUB_200_2011.tgz",
               "97eceeb196236b17998738112f37df78", 1150585339),
    "CUB_200_2011",
    {{"images.txt", any_size}, {"image_class_labels.txt", any_size}, {"train_test_split.txt", any_size}}};

// https://vlomonaco.github.io/core50; checksums: Avalanche, avalanche/benchmarks/datasets/core50/core50_data.py, whose
// author is CORe50's. The images have no address by https, and the size of the lists is not published.
const RemoteArchive core50_images{RemoteFile("http://bias.csr.unibo.it/maltoni/download/core50/core50_128x128.zip",
                                             "745f3373fed08d69343f1058ee559e13", 5892103007),
                                  "core50_128x128",
                                  {{"s11/o1/C_11_01_000.png", any_size}}};
const RemoteArchive core50_lists{
    RemoteFile("https://vlomonaco.github.io/core50/data/batches_filelists.zip", "e3297508a8998ba0c99a83d6b36bde62"),
    "batches_filelists",
    {{"NC_inc/run0/train_batch_00_filelist.txt", any_size}}};

}  // namespace dataset_urls

std::filesystem::path download_cifar100(const std::filesystem::path& folder, const DownloadOptions& options) {
  return fetch_archive(dataset_urls::cifar100, folder, options);
}

void download_svhn(const std::filesystem::path& folder, bool extra, const DownloadOptions& options) {
  fetch_file(dataset_urls::svhn_train.file, folder, options);
  fetch_file(dataset_urls::svhn_test.file, folder, options);
  if (extra) fetch_file(dataset_urls::svhn_extra.file, folder, options);
}

void download_mnist(const std::filesystem::path& folder, const std::string& set, const DownloadOptions& options) {
  std::vector<std::pair<std::string, const dataset_urls::MnistFiles*>> choices;
  for (const std::string& name : mnist_sets()) {
    const auto files = std::ranges::find(dataset_urls::mnist, name, &dataset_urls::MnistFiles::set);
    choices.emplace_back(name, files == dataset_urls::mnist.end() ? nullptr : &*files);
  }
  const dataset_urls::MnistFiles* files = choose_by_name("set", set, choices);
  if (!files) {
    fetch_archive(dataset_urls::emnist, folder / "emnist", options);
    return;
  }
  for (const dataset_urls::DataFile& one : files->files) fetch_file(one.file, folder / set, options);
}

void download_tiny_imagenet(const std::filesystem::path& folder, const DownloadOptions& options) {
  fetch_archive(dataset_urls::tiny_imagenet, folder, options);
}

void download_cub200(const std::filesystem::path& folder, const DownloadOptions& options) {
  fetch_archive(dataset_urls::cub200, folder, options);
}

void download_core50(const std::filesystem::path& folder, const DownloadOptions& options) {
  fetch_archive(dataset_urls::core50_lists, folder, options);
  fetch_archive(dataset_urls::core50_images, folder, options);
}

}  // namespace mneme
