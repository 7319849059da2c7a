#include "data/datasets/imagenet.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "data/files/checksum.h"
#include "data/files/file_bytes.h"
#include "data/files/whole_number.h"
#include "data/images/list_file.h"
#include "data/splits/class_order.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

constexpr int all_classes = 1000, hundred = 100;

std::vector<std::string> classes_in(const fs::path& file, const std::vector<std::string>& names) {
  std::vector<std::string> wanted;
  for (const std::string& line : read_lines(file)) {
    const std::string name = line.substr(0, line.find_first_of(" \t"));
    if (name.empty() || name.starts_with('#')) continue;
    if (!std::ranges::binary_search(names, name))
      fail_usage("{}: no class '{}' among the {} there are", file.string(), printable(name), names.size());
    if (std::ranges::count(wanted, name) > 0) fail_usage("{}: class '{}' is listed twice", file.string(), name);
    wanted.push_back(name);
  }
  if (wanted.empty()) fail_usage("{}: no class in it", file.string());
  return wanted;
}

std::vector<std::string> lucir_classes(const std::vector<std::string>& names) {
  std::vector<int> drawn = numpy_order(all_classes, 1993);
  drawn.resize(hundred);
  std::ranges::sort(drawn);
  std::vector<std::string> wanted;
  for (const int c : drawn) wanted.push_back(names[static_cast<size_t>(c)]);
  return wanted;
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool holds_folder(const fs::path& folder) {
  std::error_code error, ignored;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (entry->is_directory(ignored)) return true;
  return false;
}

using FileAndClass = std::pair<std::string, std::string>;

/// "ILSVRC2012_val_00000001,n01751748 111 108 441 193" a line: name, class and where it is in the picture.
std::vector<FileAndClass> parse_solution(const fs::path& file, Diagnostics& diagnostics) {
  std::vector<FileAndClass> rows;
  const std::vector<std::string> lines = read_lines(file);
  for (size_t i = 1; i < lines.size(); ++i) {  // after the header
    const size_t comma = lines[i].find(','), end = lines[i].find(' ');
    if (comma == std::string::npos || comma > end)
      diagnostics.add("line that is no 'name,class'", fmt::format("{}:{}", file.string(), i + 1));
    else
      rows.emplace_back(lines[i].substr(0, comma) + ".JPEG", lines[i].substr(comma + 1, end - comma - 1));
  }
  return rows;
}

/// "ILSVRC2012_val_00000001.JPEG 65" a line: name and number of the class, in order of the names of all.
std::vector<FileAndClass> parse_caffe(const fs::path& file, const std::vector<std::string>& names,
                                      Diagnostics& diagnostics) {
  std::vector<FileAndClass> rows;
  const std::vector<std::string> lines = read_lines(file);
  for (size_t i = 0; i < lines.size(); ++i) {
    const size_t space = std::min(lines[i].find(' '), lines[i].size());
    const auto label = whole_number<size_t>(std::string_view(lines[i]).substr(std::min(space + 1, lines[i].size())));
    if (!label || *label >= names.size())
      diagnostics.add(fmt::format("line that is no 'name label' with a label below {}", names.size()),
                      fmt::format("{}:{}", file.string(), i + 1));
    else
      rows.emplace_back(lines[i].substr(0, space), names[*label]);
  }
  return rows;
}

/// Those of `rows` that are of a class in `names`, in order of the files' names.
ImageFileList list_loose(const fs::path& root, std::vector<FileAndClass> rows, const std::vector<std::string>& names,
                         Diagnostics& diagnostics) {
  ImageFileList list{.class_names = names, .root = root};
  std::unordered_map<std::string, int> labels;
  for (size_t label = 0; label < names.size(); ++label) labels[names[label]] = static_cast<int>(label);
  std::ranges::sort(rows);
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto& [file, name] = rows[i];
    if (i > 0 && file == rows[i - 1].first) diagnostics.add("picture listed twice", (root / file).string());
    if (const auto found = labels.find(name); found != labels.end())
      add_if_sound(list, file, found->second, diagnostics);
  }
  return list;
}

/// The validation pictures in one folder, their classes in a file of `folder`.
ImageFileSplit list_official(const fs::path& folder, const fs::path& pictures, const ImagenetOptions& options) {
  ImageFileSplit split;
  Diagnostics& diagnostics = split.left_out;
  const std::vector<std::string> all = class_folders(pictures / "train", diagnostics);
  diagnostics.check(folder.string(), 0);
  const std::vector<std::string> names = chosen_classes(options.classes, all);
  const fs::path solution = folder / "LOC_val_solution.csv", caffe = folder / "val.txt";
  MNEME_CHECK(is_there(solution) || is_there(caffe),
              "{}: no folders of classes in it, and neither LOC_val_solution.csv nor val.txt in {} to tell the classes",
              (pictures / "val").string(), folder.string());
  split.train = list_image_folder(pictures / "train", names, diagnostics);
  split.test =
      list_loose(pictures / "val",
                 is_there(solution) ? parse_solution(solution, diagnostics) : parse_caffe(caffe, all, diagnostics),
                 names, diagnostics);
  diagnostics.check(folder.string(), options.skip_bad);
  return split;
}

}  // namespace

std::vector<std::string> chosen_classes(const std::string& text, const std::vector<std::string>& names) {
  const int found = static_cast<int>(names.size());
  if (text == "all") return names;
  if (text != "seed1993" && text != "first100") return classes_in(text, names);
  if (found == hundred) return names;
  if (text == "first100" && found > hundred) return {names.begin(), names.begin() + hundred};
  if (text == "seed1993" && found == all_classes) return lucir_classes(names);
  fail_usage("classes '{}' are chosen among ImageNet's {}, or are {} already; there are {}; 'all' takes what there is",
             text, all_classes, hundred, found);
}

std::string class_list_sum(const std::vector<std::string>& names) {
  Sha256 sum;
  for (const std::string& name : names) sum.add(name + "\n");
  return sum.hex();
}

ImageFileSplit find_imagenet(const fs::path& folder, const ImagenetOptions& options) {
  const fs::path official = folder / "ILSVRC/Data/CLS-LOC", pictures = is_there(official) ? official : folder;
  if (is_there(pictures / "train") && is_there(pictures / "val")) {
    if (!holds_folder(pictures / "val")) return list_official(folder, pictures, options);
    const auto chosen = [&](const std::vector<std::string>& names) { return chosen_classes(options.classes, names); };
    return list_image_folders(pictures / "train", pictures / "val", {chosen, options.skip_bad});
  }
  if (is_there(folder / "train.txt")) return list_listed(folder, options.skip_bad);
  fail("no ImageNet in {}: neither the folders train and val nor the lists train.txt and val.txt", folder.string());
}

}  // namespace mneme
