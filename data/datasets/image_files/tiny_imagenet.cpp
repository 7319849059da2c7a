#include "data/datasets/image_files/tiny_imagenet.h"

#include <algorithm>
#include <unordered_map>

#include "data/datasets/image_files/published_layout.h"
#include "data/files/text_lines.h"
#include "data/images/list_file.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

const PublishedLayout layout{"Tiny-ImageNet",
                             "tiny-imagenet-200",
                             "tiny-imagenet download",
                             {"wnids.txt", "words.txt", "train", "val/images", "val/val_annotations.txt"}};

/// The WordNet ids, sorted.
std::vector<std::string> read_ids(const fs::path& file, Diagnostics& diagnostics) {
  std::vector<std::string> ids = read_lines(file);
  std::ranges::sort(ids);
  if (ids.empty()) diagnostics.add("file without a line that can be read", file.string());
  for (auto twice = ids.begin(); (twice = std::adjacent_find(twice, ids.end())) != ids.end(); ++twice)
    diagnostics.add("class that is listed twice", fmt::format("{}: {}", file.string(), *twice));
  return ids;
}

/// The name of each class.
std::vector<std::string> names_of(const std::vector<std::string>& ids, const fs::path& words,
                                  Diagnostics& diagnostics) {
  std::unordered_map<std::string, std::string> name_of;
  std::unordered_map<std::string, int> classes_of;
  for (const KeyedLine& line : read_keyed_lines(words, diagnostics))
    if (std::ranges::binary_search(ids, line.key)) name_of[line.key] = line.value.substr(0, line.value.find(','));
  for (const std::string& id : ids) {
    if (!name_of.contains(id)) diagnostics.add("class without a name", fmt::format("{}: {}", words.string(), id));
    ++classes_of[name_of[id]];
  }
  std::vector<std::string> names;
  for (const std::string& id : ids)
    names.push_back(classes_of[name_of[id]] > 1 ? fmt::format("{} {}", name_of[id], id) : name_of[id]);
  return names;
}

ImageFileList list_train(const fs::path& root, const std::vector<std::string>& ids,
                         const std::vector<std::string>& names, Diagnostics& diagnostics) {
  ImageFileList list{.class_names = names, .root = root};
  for (size_t label = 0; label < ids.size(); ++label) {
    const std::string below = "train/" + ids[label] + "/images/";
    for (const std::string& file : image_names_in(root / below, diagnostics))
      add_if_sound(list, below + file, static_cast<int>(label), diagnostics);
  }
  for (const std::string& name : class_folders(root / "train", diagnostics))
    if (!std::ranges::binary_search(ids, name))
      diagnostics.add_remark("folder of a class that wnids.txt does not list, not read",
                             (root / "train" / name).string());
  return list;
}

ImageFileList list_val(const fs::path& root, const std::vector<std::string>& ids, const std::vector<std::string>& names,
                       Diagnostics& diagnostics) {
  ImageFileList list{.class_names = names, .root = root};
  for (const KeyedLine& line : read_keyed_lines(root / "val/val_annotations.txt", diagnostics)) {
    const std::string id = first_word(line.value);
    const auto found = std::ranges::lower_bound(ids, id);
    if (found == ids.end() || *found != id)
      diagnostics.add("class that is not among those to be learned", fmt::format("{}: {}", line.where, id));
    else
      add_if_sound(list, "val/images/" + line.key, static_cast<int>(found - ids.begin()), diagnostics);
  }
  note_unlabelled(root, "val/images", list, diagnostics);
  return list;
}

}  // namespace

ImageFileSplit find_tiny_imagenet(const fs::path& folder, int64_t skip_bad) {
  if (holds_lists(folder)) return list_listed(folder, skip_bad);
  const fs::path root = published_folder(folder, layout);
  ImageFileSplit split;
  Diagnostics& diagnostics = split.left_out;
  const std::vector<std::string> ids = read_ids(root / "wnids.txt", diagnostics);
  const std::vector<std::string> names = names_of(ids, root / "words.txt", diagnostics);
  diagnostics.check(root.string(), 0);
  split.train = list_train(root, ids, names, diagnostics);
  split.test = list_val(root, ids, names, diagnostics);
  check_all_learned(split.train, diagnostics);
  diagnostics.check(root.string(), skip_bad);
  return split;
}

}  // namespace mneme
