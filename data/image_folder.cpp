#include "data/image_folder.h"

#include <algorithm>

#include "data/image_file.h"
#include "engine/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

/// What is in a folder, by name, hidden things left out.
std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
    if (!entry.path().filename().string().starts_with('.')) entries.push_back(entry.path());
  MNEME_CHECK(!error, "cannot list {}: {}", folder.string(), error.message());
  std::ranges::sort(entries);
  return entries;
}

void append_class(ImageFolder& to, const fs::path& folder, int label) {
  const size_t before = to.files.size();
  for (const fs::path& file : sorted_entries(folder))
    if (has_picture_name(file)) to.files.push_back(file);
  MNEME_CHECK(to.files.size() > before, "{}: no picture in the folder of this class; add some or remove it",
              folder.string());
  to.labels.resize(to.files.size(), label);
}

std::vector<fs::path> class_folders(const fs::path& root) {
  std::vector<fs::path> folders = sorted_entries(root);
  std::error_code ignored;
  std::erase_if(folders, [&](const fs::path& path) { return !fs::is_directory(path, ignored); });
  MNEME_CHECK(!folders.empty(), "{}: no folder of a class in it", root.string());
  return folders;
}

}  // namespace

ImageFolder list_image_folder(const fs::path& root) {
  std::vector<std::string> names;
  for (const fs::path& folder : class_folders(root)) names.push_back(folder.filename().string());
  return list_image_folder(root, names);
}

ImageFolder list_image_folder(const fs::path& root, std::span<const std::string> class_names) {
  ImageFolder list{{class_names.begin(), class_names.end()}, {}, {}};
  for (const fs::path& folder : class_folders(root)) {
    const auto found = std::ranges::find(class_names, folder.filename().string());
    MNEME_CHECK(found != class_names.end(), "{}: no class of that name among the {} to be learned", folder.string(),
                class_names.size());
    append_class(list, folder, static_cast<int>(found - class_names.begin()));
  }
  return list;
}

}  // namespace mneme
