#pragma once
// MNIST and the sets published in its format, of grey images of 28x28 pixels:
//   mnist            LeCun, Cortes and Burges, "The MNIST database of handwritten digits"
//   fashion          Xiao, Rasul and Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
//                    Algorithms", 2017
//   kmnist           Clanuwat et al., "Deep Learning for Classical Japanese Literature", 2018
//   emnist-SPLIT     Cohen, Afshar, Tapson and van Schaik, "EMNIST: an extension of MNIST to handwritten letters",
//   2017;
//                    SPLIT is balanced, byclass, bymerge, letters, digits or mnist

#include <filesystem>
#include <string>
#include <vector>

#include "data/batches/image_set.h"

namespace mneme {

struct MnistOptions {
  std::string set = "mnist";  ///< one of mnist_sets()
  bool check_content = true;  ///< packed files of the official size must be the official ones
};

/// The names of the sets.
std::vector<std::string> mnist_sets();

/// Reads a set's four idx files, each as published: packed by gzip, or unpacked. MNIST, Fashion-MNIST and KMNIST call
/// them train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, EMNIST
/// emnist-SPLIT-train-images-idx3-ubyte and so on, with `test`. They lie in one of
///
///   folder/SET (for EMNIST folder/emnist/gzip)      where `mnist download` puts them
///   folder/MNIST/raw, FashionMNIST/raw, ...         where torchvision puts them
///   folder (for EMNIST also folder/gzip)
///
/// Networks take three channels, so the grey one is repeated, as FACIL's settings for such networks do; an image takes
/// 2352 bytes of memory. Mean and deviation are those of the training pixels, rounded to four digits. EMNIST's images
/// lie on their side in its files and are turned upright; its letters are numbered from 1 there, and from 0 here. Throws
/// UsageError for the name of another set, and Error, naming the file and how to mend it, if files are missing, damaged,
/// of another set or do not fit together.
ResidentDataset load_mnist(const std::filesystem::path& folder, const MnistOptions& options = {});

}  // namespace mneme
