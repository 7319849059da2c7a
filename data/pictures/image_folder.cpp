#include "data/pictures/image_folder.h"

#include <algorithm>
#include <unordered_set>

#include "data/pictures/image_file.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

/// The names of what is in a folder and passes, in order of their bytes; hidden things are left out.
template <class Passes>
std::vector<std::string> names_in(const fs::path& folder, Problems& problems, const Passes& passes) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (std::string name = entry->path().filename().string(); !name.starts_with('.') && passes(*entry))
      names.push_back(std::move(name));
  if (error) problems.add("folder that cannot be listed", fmt::format("{}: {}", folder.string(), error.message()));
  std::ranges::sort(names);
  return names;
}

bool is_folder(const fs::directory_entry& entry) {
  std::error_code ignored;  // what cannot be looked at is none
  return entry.is_directory(ignored);
}

void append_class(PictureList& list, const std::string& name, int label, Problems& problems) {
  const std::vector<std::string> files = names_in(
      list.root / name, problems, [](const fs::directory_entry& entry) { return has_picture_name(entry.path()); });
  if (files.empty()) problems.add("class without a picture", (list.root / name).string());
  for (const std::string& file : files) add_if_sound(list, name + "/" + file, label, problems);
}

void check_known(const fs::path& val, const std::vector<std::string>& names, const std::vector<std::string>& known,
                 Problems& problems) {
  for (const std::string& name : names)
    if (!std::ranges::binary_search(known, name))
      problems.add("class that is not among those to be learned", (val / name).string());
}

}  // namespace

std::vector<std::string> class_folders(const fs::path& root, Problems& problems) {
  std::vector<std::string> names = names_in(root, problems, is_folder);
  if (names.empty()) problems.add("no folder of a class", root.string());
  for (const std::string& name : names)
    if (!is_utf8(name)) problems.add("name that is not UTF-8", (root / name).string());
  return names;
}

void add_if_sound(PictureList& list, const std::string& file, int label, Problems& problems) {
  const fs::path path = list.root / file;
  std::error_code error;
  const uintmax_t size = fs::file_size(path, error);
  if (!is_utf8(file)) return problems.add_file("name that is not UTF-8", path.string());
  if (error == std::errc::no_such_file_or_directory) return problems.add_file("absent file", path.string());
  if (error) return problems.add_file("unreadable file", path.string());
  if (size == 0) return problems.add_file("empty file", path.string());
  list.add(file, label, size);
}

PictureList list_image_folder(const fs::path& root, std::span<const std::string> class_names, Problems& problems) {
  PictureList list{.class_names = {class_names.begin(), class_names.end()}, .root = root};
  const std::vector<std::string> found = class_folders(root, problems);
  for (size_t label = 0; label < class_names.size(); ++label)
    if (std::ranges::binary_search(found, class_names[label]))
      append_class(list, class_names[label], static_cast<int>(label), problems);
  return list;
}

PictureSplit list_image_folders(const fs::path& train, const fs::path& val, const FolderOptions& options) {
  PictureSplit split;
  Problems& problems = split.left_out;
  const std::vector<std::string> known = class_folders(train, problems);
  check_known(val, class_folders(val, problems), known, problems);
  problems.check(train.parent_path().string(), 0);
  const std::vector<std::string> names = options.classes ? options.classes(known) : known;
  split.train = list_image_folder(train, names, problems);
  split.test = list_image_folder(val, names, problems);
  problems.check(train.parent_path().string(), options.skip_bad);
  return split;
}

}  // namespace mneme
