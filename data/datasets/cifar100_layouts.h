#pragma once
// What the two layouts of CIFAR-100 have in common, and one reader for each. Private to data/cifar100*.cpp and the
// fuzzers.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mneme::cifar100 {

inline constexpr int classes = 100, superclasses = 20, side = 32, image_bytes = 3 * side * side;
inline constexpr const char* mend = "fetch it again with `cifar100 download`";

/// One file's records, as found. Superclass labels may be absent.
struct Records {
  std::filesystem::path file;   ///< the file that holds the records, for messages
  std::vector<uint8_t> pixels;  ///< (N, 3, 32, 32)
  std::vector<int> fine,        ///< (N): the class of each image
      coarse;                   ///< (N): the superclass of each image; empty if absent
};

/// cifar-100-binary: records of one coarse label byte, one fine label byte, 3072 pixels.
Records read_binary(const std::filesystem::path& file);
/// Reads that layout from bytes in memory. `file` is the name that messages use.
Records parse_binary(const std::string& bytes, const std::filesystem::path& file);

/// cifar-100-python: a pickled dictionary with `data` (N, 3072) uint8, `fine_labels` and usually `coarse_labels`;
/// PickledImages says which forms the labels may have. All readers throw Error, naming the file, for anything else.
Records read_python(const std::filesystem::path& file);
Records parse_python(std::string bytes, const std::filesystem::path& file);

/// Class names beside the records: `fine_label_names.txt` or the pickle `meta`; the official names if the file is
/// absent.
std::vector<std::string> binary_class_names(const std::filesystem::path& folder);
std::vector<std::string> python_class_names(const std::filesystem::path& folder);

/// The official names in label order.
const std::vector<std::string>& class_names();

/// Throws Error unless there are 100 names.
std::vector<std::string> checked_names(const std::filesystem::path& file, std::vector<std::string> names);

}  // namespace mneme::cifar100
