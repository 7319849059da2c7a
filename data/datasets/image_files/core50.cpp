#include "data/datasets/image_files/core50.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "data/datasets/image_files/published_layout.h"
#include "data/files/file_bytes.h"
#include "data/files/whole_number.h"
#include "data/images/list_file.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

constexpr size_t batches = 9, first_batch = 10, later_batch = 5;
constexpr int of_a_kind = 5;
constexpr std::array kinds{"plug_adapter", "mobile_phone", "scissor", "light_bulb", "can",
                           "glass",        "ball",         "marker",  "cup",        "remote_control"};
constexpr int objects = of_a_kind * static_cast<int>(kinds.size());

/// An image of a list, with its object, from 1.
struct Image {
  std::string path, where;
  int object, label;
};

/// The number behind a letter; 0 if the text is something else.
int number_behind(char letter, std::string_view text) {
  if (!text.starts_with(letter)) return 0;
  return whole_number<int>(text.substr(1)).value_or(0);
}

/// The object of a path "sN/oM/FILE"; 0 if the path has another form.
int object_of(std::string_view path) {
  const size_t first = path.find('/'), second = path.find('/', std::min(first, path.size() - 1) + 1);
  if (second == std::string_view::npos || path.find('/', second + 1) != std::string_view::npos) return 0;
  const int object = number_behind('o', path.substr(first + 1, second - first - 1));
  return number_behind('s', path.substr(0, first)) > 0 && object <= objects ? object : 0;
}

std::vector<Image> read_list(const fs::path& file, Diagnostics& diagnostics) {
  std::vector<Image> images;
  for (const ListEntry& entry : parse_list(read_file(file), file.string(), diagnostics).entries) {
    const int object = object_of(entry.path);
    std::string where = fmt::format("{}:{}: {}", file.string(), entry.line, entry.path);
    if (object > 0)
      images.push_back({entry.path, std::move(where), object, entry.label});
    else
      diagnostics.add(fmt::format("path that is no sN/oM/FILE with an object from 1 to {}", objects), where);
  }
  return images;
}

/// The classes of a run while its batches are read.
struct Classes {
  std::map<int, int> label_of;                           ///< of an object
  std::map<int, int> published_label, published_object;  ///< the label of an object in the lists, and the reverse
  std::vector<std::string> names;

  /// Adds the objects of a batch.
  void add(size_t batch, const std::vector<Image>& images, const fs::path& file, Diagnostics& diagnostics) {
    std::set<int> found;
    for (const Image& image : images) found.insert(image.object);
    if (const size_t wanted = batch == 0 ? first_batch : later_batch; found.size() != wanted)
      diagnostics.add(fmt::format("batch of another number of objects than {}", wanted),
                      fmt::format("{}: {}", file.string(), found.size()));
    for (const int object : found) {
      if (!label_of.emplace(object, static_cast<int>(names.size())).second)
        diagnostics.add("object in two batches", fmt::format("{}: o{}", file.string(), object));
      else
        names.push_back(
            fmt::format("{}{}", kinds[static_cast<size_t>((object - 1) / of_a_kind)], (object - 1) % of_a_kind + 1));
    }
  }

  /// Adds an image to `list`, unless its object is in no batch or has another label than before.
  void take(const Image& image, ImageFileList& list, Diagnostics& diagnostics) {
    const auto label = label_of.find(image.object);
    if (label == label_of.end()) return diagnostics.add("object that is in no batch", image.where);
    if (published_label.emplace(image.object, image.label).first->second != image.label)
      diagnostics.add("object with two labels", image.where);
    else if (published_object.emplace(image.label, image.object).first->second != image.object)
      diagnostics.add("label of two objects", image.where);
    add_if_sound(list, image.path, label->second, diagnostics);
  }
};

}  // namespace

ImageFileSplit find_core50(const fs::path& folder, const Core50Options& options) {
  if (holds_lists(folder)) return list_listed(folder, options.skip_bad);
  const std::string run = fmt::format("batches_filelists/NC_inc/run{}", options.run);
  const fs::path root = published_folder(folder, {"CORe50", "core50", "core50 download", {"core50_128x128", run}});
  const fs::path lists = root / run;
  ImageFileSplit split;
  Diagnostics& diagnostics = split.left_out;
  split.train.root = split.test.root = root / "core50_128x128";
  Classes classes;
  for (size_t batch = 0; batch < batches; ++batch) {
    const fs::path file = lists / fmt::format("train_batch_{:02}_filelist.txt", batch);
    const std::vector<Image> images = read_list(file, diagnostics);
    classes.add(batch, images, file, diagnostics);
    for (const Image& image : images) classes.take(image, split.train, diagnostics);
  }
  for (const Image& image : read_list(lists / "test_filelist.txt", diagnostics))
    classes.take(image, split.test, diagnostics);
  split.train.class_names = split.test.class_names = classes.names;
  check_all_learned(split.train, diagnostics);
  diagnostics.check(lists.string(), options.skip_bad);
  return split;
}

}  // namespace mneme
