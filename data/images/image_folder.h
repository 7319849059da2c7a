#pragma once
// RawImages in folders, one folder per class.

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "data/images/diagnostics.h"
#include "data/images/raw_image_set.h"

namespace mneme {

/// The two parts of a set, and what was left out of them.
struct ImageFileSplit {
  ImageFileList train, test;
  Diagnostics left_out = {};
};

/// Which of the classes in a folder are learned, by name; label = position. Takes the names in order of their bytes.
using ClassChoice = std::function<std::vector<std::string>(std::vector<std::string> names)>;

struct FolderOptions {
  ClassChoice classes = nullptr;  ///< null: all
  int64_t skip_bad = 0;           ///< so many bad files are left out before it is an error
};

/// Every picture in train/CLASS and val/CLASS, class by class, by name inside a class. Hidden files and files with
/// other names are passed over; val may lack a class. Throws one Error for everything that is wrong: folders that
/// cannot be listed, classes without a picture, classes of val that train has not, names that are not UTF-8, and more
/// than `skip_bad` empty or unreadable files.
ImageFileSplit list_image_folders(const std::filesystem::path& train, const std::filesystem::path& val,
                                  const FolderOptions& options = {});

/// The names of the folders in `root`, in order of their bytes, but for hidden ones.
std::vector<std::string> class_folders(const std::filesystem::path& root, Diagnostics& diagnostics);

/// Every picture in root/CLASS, for the classes that have a folder.
ImageFileList list_image_folder(const std::filesystem::path& root, std::span<const std::string> class_names,
                                Diagnostics& diagnostics);

/// Adds root/`file` to the list if there is such a file with something in it, else to the problems.
void add_if_sound(ImageFileList& list, const std::string& file, int label, Diagnostics& diagnostics);

}  // namespace mneme
