#pragma once
// Lists of pictures: "path label" a line, as FACIL and Caffe use them.

#include <filesystem>

#include "data/images/image_folder.h"

namespace mneme {

/// The pictures that a list names, by paths relative to the list. The label is what
/// follows the last space. Lines that begin with # are passed over, but "# class NAME" names the classes in order of
/// their labels; without them names are the labels themselves, of which none may be missing. Lines that are no "path
/// label", files listed twice, absent and empty ones become problems.
ImageFileList read_list_file(const std::filesystem::path& file, Diagnostics& diagnostics);

/// The same from bytes, for pictures under `root`; `name` stands for the list in messages.
ImageFileList parse_list_file(std::string_view bytes, const std::string& name, const std::filesystem::path& root,
                              Diagnostics& diagnostics);

/// train.txt with val.txt or test.txt in `folder`. The classes of both are train.txt's.
ImageFileSplit list_listed(const std::filesystem::path& folder, int64_t skip_bad);

/// Writes a list that read_list_file reads as the same, as long as neither it nor the pictures are moved. Throws Error
/// if the file cannot be written.
void write_list_file(const std::filesystem::path& file, const ImageFileList& list);

}  // namespace mneme
