#include "data/images/image_folder.h"

#include <algorithm>
#include <unordered_set>

#include "data/images/image_file.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

/// The names of what is in a folder and passes, in order of their bytes; hidden things are left out.
template <class Passes>
std::vector<std::string> names_in(const fs::path& folder, Diagnostics& diagnostics, const Passes& passes) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (std::string name = entry->path().filename().string(); !name.starts_with('.') && passes(*entry))
      names.push_back(std::move(name));
  if (error) diagnostics.add("folder that cannot be listed", fmt::format("{}: {}", folder.string(), error.message()));
  std::ranges::sort(names);
  return names;
}

bool is_folder(const fs::directory_entry& entry) {
  std::error_code ignored;  // what cannot be looked at is none
  return entry.is_directory(ignored);
}

void append_class(ImageFileList& list, const std::string& name, int label, Diagnostics& diagnostics) {
  const std::vector<std::string> files = names_in(
      list.root / name, diagnostics, [](const fs::directory_entry& entry) { return has_image_name(entry.path()); });
  if (files.empty()) diagnostics.add("class without a picture", (list.root / name).string());
  for (const std::string& file : files) add_if_sound(list, name + "/" + file, label, diagnostics);
}

void check_known(const fs::path& val, const std::vector<std::string>& names, const std::vector<std::string>& known,
                 Diagnostics& diagnostics) {
  for (const std::string& name : names)
    if (!std::ranges::binary_search(known, name))
      diagnostics.add("class that is not among those to be learned", (val / name).string());
}

}  // namespace

std::vector<std::string> class_folders(const fs::path& root, Diagnostics& diagnostics) {
  std::vector<std::string> names = names_in(root, diagnostics, is_folder);
  if (names.empty()) diagnostics.add("no folder of a class", root.string());
  for (const std::string& name : names)
    if (!is_utf8(name)) diagnostics.add("name that is not UTF-8", (root / name).string());
  return names;
}

void add_if_sound(ImageFileList& list, const std::string& file, int label, Diagnostics& diagnostics) {
  const fs::path path = list.root / file;
  std::error_code error;
  const uintmax_t size = fs::file_size(path, error);
  if (!is_utf8(file)) return diagnostics.add_file("name that is not UTF-8", path.string());
  if (error == std::errc::no_such_file_or_directory) return diagnostics.add_file("absent file", path.string());
  if (error) return diagnostics.add_file("unreadable file", path.string());
  if (size == 0) return diagnostics.add_file("empty file", path.string());
  list.add(file, label, size);
}

ImageFileList list_image_folder(const fs::path& root, std::span<const std::string> class_names,
                                Diagnostics& diagnostics) {
  ImageFileList list{.class_names = {class_names.begin(), class_names.end()}, .root = root};
  const std::vector<std::string> found = class_folders(root, diagnostics);
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
