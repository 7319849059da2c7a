#pragma once
// Image files in folders, one folder per class.

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "data/files/diagnostics.h"
#include "data/images/raw_image_set.h"

namespace mneme {

/// The two parts of a set, and the problems and remarks met while they were listed.
struct ImageFileSplit {
  ImageFileList train,        ///< the files for training
      test;                   ///< the files for testing
  Diagnostics left_out = {};  ///< the problems and remarks
};

/// Which of the classes in a folder are learned, by name; label = position. Takes the names in order of their bytes.
using ClassChoice = std::function<std::vector<std::string>(std::vector<std::string> names)>;

struct FolderOptions {
  ClassChoice classes = nullptr;  ///< the classes to list; null: all classes
  int64_t skip_bad = 0;           ///< how many bad files may be left out before it is an error; see Diagnostics::check
};

/// Every image in train/CLASS and val/CLASS, class by class, by name inside a class; val may lack a class. Nothing is
/// decoded. Throws one Error for everything that is wrong: folders that cannot be listed, classes without an image,
/// classes of val that train has not, names that are not UTF-8, and more than `skip_bad` bad files: empty or unreadable
/// ones, and images in a format that is not read. Whatever else is not read (hidden files, other files, folders inside
/// the folder of a class, images outside of them) becomes a remark in `left_out`.
ImageFileSplit list_image_folders(const std::filesystem::path& train, const std::filesystem::path& val,
                                  const FolderOptions& options = {});

/// The names of the folders in `root`, in order of their bytes, but for hidden ones. A folder that cannot be listed or
/// has none, and names that are not UTF-8, are problems; images among the folders are remarks.
std::vector<std::string> class_folders(const std::filesystem::path& root, Diagnostics& diagnostics);

/// The names of the files in `folder` that are images by their names, in order of their bytes, but for hidden ones.
std::vector<std::string> image_names_in(const std::filesystem::path& folder, Diagnostics& diagnostics);

/// Every image in root/CLASS, for the classes that have a folder. Problems and remarks as in list_image_folders.
ImageFileList list_image_folder(const std::filesystem::path& root, std::span<const std::string> class_names,
                                Diagnostics& diagnostics);

/// Adds root/`file` to the list if it is a plain file with something in it (by an absolute `file`, that file), else to
/// the problems.
void add_if_sound(ImageFileList& list, const std::string& file, int label, Diagnostics& diagnostics);

}  // namespace mneme
