#include "data/images/image_folder.h"

#include <algorithm>

#include "data/images/image_file.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

/// The names of the entries of a folder by kind, each list in the order of the bytes.
struct FolderContent {
  std::vector<std::string> folders, images, unread_images, other_files, hidden;
};

FolderContent content_of(const fs::path& folder, Diagnostics& diagnostics) {
  FolderContent content;
  std::error_code error, ignored;  // what cannot be looked at is no folder
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::string name = entry->path().filename().string();
    std::vector<std::string>& kind = name.starts_with('.')                  ? content.hidden
                                     : entry->is_directory(ignored)         ? content.folders
                                     : has_image_name(entry->path())        ? content.images
                                     : has_unread_image_name(entry->path()) ? content.unread_images
                                                                            : content.other_files;
    kind.push_back(std::move(name));
  }
  if (error) diagnostics.add("folder that cannot be listed", fmt::format("{}: {}", folder.string(), error.message()));
  for (auto* kind : {&content.folders, &content.images, &content.unread_images, &content.other_files, &content.hidden})
    std::ranges::sort(*kind);
  return content;
}

/// Tells of everything in the folder of a class that is not read.
void note_left_out(const fs::path& folder, const FolderContent& content, Diagnostics& diagnostics) {
  for (const std::string& name : content.unread_images)
    diagnostics.add_file("image in a format that is not read (convert it to PNG or JPEG)", (folder / name).string());
  for (const std::string& name : content.folders)
    diagnostics.add_remark("folder inside the folder of a class, not looked into", (folder / name).string());
  for (const std::string& name : content.other_files)
    diagnostics.add_remark("file that is no image by its name, not read", (folder / name).string());
  for (const std::string& name : content.hidden)
    diagnostics.add_remark("hidden file, not read", (folder / name).string());
}

void append_class(ImageFileList& list, const std::string& name, int label, Diagnostics& diagnostics) {
  const fs::path folder = list.root / name;
  const FolderContent content = content_of(folder, diagnostics);
  note_left_out(folder, content, diagnostics);
  if (content.images.empty())
    diagnostics.add("class without an image",
                    folder.string() + (content.folders.empty() ? "" : ", which holds folders: move their images up"));
  for (const std::string& file : content.images) add_if_sound(list, name + "/" + file, label, diagnostics);
}

void check_known(const fs::path& val, const std::vector<std::string>& names, const std::vector<std::string>& known,
                 Diagnostics& diagnostics) {
  for (const std::string& name : names)
    if (!std::ranges::binary_search(known, name))
      diagnostics.add("class that is not among those to be learned", (val / name).string());
}

}  // namespace

std::vector<std::string> class_folders(const fs::path& root, Diagnostics& diagnostics) {
  FolderContent content = content_of(root, diagnostics);
  for (const auto* images : {&content.images, &content.unread_images})
    for (const std::string& name : *images)
      diagnostics.add_remark("image outside the folders of the classes, not read", (root / name).string());
  std::vector<std::string> names = std::move(content.folders);
  if (names.empty()) diagnostics.add("no folder of a class", root.string());
  for (const std::string& name : names)
    if (!is_utf8(name)) diagnostics.add("name that is not UTF-8", (root / name).string());
  return names;
}

std::vector<std::string> image_names_in(const fs::path& folder, Diagnostics& diagnostics) {
  return content_of(folder, diagnostics).images;
}

void add_if_sound(ImageFileList& list, const std::string& file, int label, Diagnostics& diagnostics) {
  const fs::path path = list.root / file;
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!is_utf8(file)) return diagnostics.add_file("name that is not UTF-8", path.string());
  if (status.type() == fs::file_type::not_found) return diagnostics.add_file("absent file", path.string());
  if (!error && !fs::is_regular_file(status))
    return diagnostics.add_file("not a plain file, but a folder, pipe or device", path.string());
  const uintmax_t size = error ? 0 : fs::file_size(path, error);
  if (error) return diagnostics.add_file("unreadable file", path.string());
  if (size == 0) return diagnostics.add_file("empty file", path.string());
  list.add(file, label, size);
}

ImageFileList list_image_folder(const fs::path& root, std::span<const std::string> class_names,
                                Diagnostics& diagnostics) {
  ImageFileList list{.class_names = {class_names.begin(), class_names.end()}, .root = root};
  const std::vector<std::string> found = content_of(root, diagnostics).folders;
  for (size_t label = 0; label < class_names.size(); ++label)
    if (std::ranges::binary_search(found, class_names[label]))
      append_class(list, class_names[label], static_cast<int>(label), diagnostics);
  return list;
}

ImageFileSplit list_image_folders(const fs::path& train, const fs::path& val, const FolderOptions& options) {
  ImageFileSplit split;
  Diagnostics& diagnostics = split.left_out;
  const std::vector<std::string> known = class_folders(train, diagnostics);
  check_known(val, class_folders(val, diagnostics), known, diagnostics);
  diagnostics.check(train.parent_path().string(), 0);
  const std::vector<std::string> names = options.classes ? options.classes(known) : known;
  split.train = list_image_folder(train, names, diagnostics);
  split.test = list_image_folder(val, names, diagnostics);
  diagnostics.check(train.parent_path().string(), options.skip_bad);
  return split;
}

}  // namespace mneme
