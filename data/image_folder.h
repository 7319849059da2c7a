#pragma once
// Pictures in folders, one folder per class.

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace mneme {

struct ImageFolder {
  std::vector<std::string> class_names;      // index = label
  std::vector<std::filesystem::path> files;  // class by class, by name inside a class
  std::vector<int> labels;                   // of files
};

/// Every picture in root/CLASS/, classes in the order of their names (bytes). Hidden files and files with other names
/// are passed over. Throws Error if there is no class, or a class without a picture.
ImageFolder list_image_folder(const std::filesystem::path& root);

/// The same with labels by `class_names`; classes may be absent. Throws Error for a class that is not among them.
ImageFolder list_image_folder(const std::filesystem::path& root, std::span<const std::string> class_names);

}  // namespace mneme
