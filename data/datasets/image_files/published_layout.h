#pragma once
// What published sets of image files have in common: a folder of a known name, with text files that tell the classes
// and the parts.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "data/images/image_folder.h"

namespace mneme {

/// The layout in which a set is published.
struct PublishedLayout {
  const char *set,                   ///< the name of the set, for messages
      *folder,                       ///< the folder that its archive unpacks to
      *fetch;                        ///< the verb that fetches it: "cub200 download"
  std::vector<std::string> content;  ///< the files and folders that its reader needs
};

/// `folder`, or the folder of the layout's name in it, whichever holds the layout or the larger part of it. Throws
/// Error, with all that is missing and how to mend it, unless it holds all.
std::filesystem::path published_folder(const std::filesystem::path& folder, const PublishedLayout& layout);

/// Whether `folder` has the list train.txt, which every set of image files may have instead of its own layout
/// (data/images/list_file.h).
bool holds_lists(const std::filesystem::path& folder);

/// A line "KEY VALUE" of a text file, divided by blanks or a tab.
struct KeyedLine {
  std::string key,    ///< the first word
      value;          ///< everything behind it
  std::string where;  ///< "FILE:LINE", for messages
};

/// The lines of a text file in their order. Lines without a value and keys that are given twice go to `diagnostics`,
/// and of these only the first is returned. Throws Error as read_text (data/files/text_lines.h) does.
std::vector<KeyedLine> read_keyed_lines(const std::filesystem::path& file, Diagnostics& diagnostics);

/// The first word of a text.
std::string first_word(const std::string& text);

/// Tells of the images in root/`below` that are in neither part of `split`, as of images without a label.
void note_unlabelled(const std::filesystem::path& root, const std::string& below, const ImageFileList& part,
                     Diagnostics& diagnostics);

/// Every class without an image in the training part becomes a problem.
void check_all_learned(const ImageFileList& train, Diagnostics& diagnostics);

}  // namespace mneme
