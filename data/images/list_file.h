#pragma once
// Lists of images: "path label" a line, as FACIL and Caffe use them.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/images/image_folder.h"

namespace mneme {

struct ListEntry {
  std::string path;  ///< the path as the file has it, without quotes
  int label = 0;     ///< not negative
  size_t line = 0;   ///< number of the line, from 1
};

struct ParsedList {
  std::vector<std::string> class_names;  ///< of the lines "# class NAME"
  std::vector<ListEntry> entries;
};

/// The lines of a list, called `name` in messages; no file is opened. Lines that are no "path label" and paths that
/// are listed twice go to `diagnostics`, each with its number and the reason. Throws Error as text_of
/// (data/files/text_lines.h) does.
ParsedList parse_list(std::string_view bytes, const std::string& name, Diagnostics& diagnostics);

/// The images that a list names, by absolute paths or by paths relative to the list. The label is what follows the last
/// blank or tab of a line; path and label may be quoted. Lines that begin with # are comments, but "# class NAME" names
/// the classes in order of their labels; without such lines the names are the labels themselves, of which none may be
/// missing. Lines that are no "path label", each with its number and the reason, files that are listed twice, absent
/// files and empty files go to `diagnostics`. Throws Error as read_text (data/files/text_lines.h) does.
ImageFileList read_list_file(const std::filesystem::path& file, Diagnostics& diagnostics);

/// Parses a list from bytes, for images under `root`. `name` is the name that messages use.
ImageFileList parse_list_file(std::string_view bytes, const std::string& name, const std::filesystem::path& root,
                              Diagnostics& diagnostics);

/// The lists train.txt, and val.txt or else test.txt, in `folder`. The classes of both are train.txt's. Throws one
/// Error for all that is wrong, unless that is at most `skip_bad` bad files.
ImageFileSplit list_listed(const std::filesystem::path& folder, int64_t skip_bad);

/// Writes a list that read_list_file reads as the same images, as long as neither the list nor the images are moved.
/// Absolute paths stay absolute. The file is either whole or as it was before. Throws Error if the file cannot be
/// written, if an image's name holds a line end, and as check_replaceable_list does.
void write_list_file(const std::filesystem::path& file, const ImageFileList& list);

/// Writes both parts to train.txt and test.txt in `folder`, which is made if it is not there. Throws Error as
/// write_list_file does, before anything is written if a file is in the way, and if `folder` holds a val.txt, which
/// list_listed would read instead of test.txt.
void write_list_files(const std::filesystem::path& folder, const ImageFileSplit& split);

/// Throws Error if `file` exists and was not written by write_list_file: a user's own list is never replaced.
void check_replaceable_list(const std::filesystem::path& file);

}  // namespace mneme
