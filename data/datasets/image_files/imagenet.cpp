#include "data/datasets/image_files/imagenet.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "data/files/checksum.h"
#include "data/files/csv.h"
#include "data/files/file_bytes.h"
#include "data/files/text_lines.h"
#include "data/images/list_file.h"
#include "data/splits/class_order.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

constexpr int all_classes = 1000, hundred = 100;

/// The class that a line names: the whole line, which may be quoted, or else its first word. Empty if neither is one of
/// `names`, the sorted names of all classes.
std::string class_named_by(std::string_view line, const std::vector<std::string>& names) {
  const std::string whole(unquoted(line)), word(unquoted(line.substr(0, line.find_first_of(" \t,"))));
  for (const std::string& name : {whole, word})
    if (std::ranges::binary_search(names, name)) return name;
  return {};
}

std::vector<std::string> classes_in(const fs::path& file, const std::vector<std::string>& names) {
  std::vector<std::string> wanted;
  Diagnostics diagnostics;
  const std::string text = read_text(file);
  for_each_line(text, [&](const TextLine& line) {
    if (line.text.starts_with('#')) return;
    std::string name = class_named_by(line.text, names);
    const auto refuse = [&](const char* kind) {
      diagnostics.add(kind, fmt::format("line {}: {}", line.number, line.text));
    };
    if (name.empty()) return refuse("line that names no class");
    if (std::ranges::count(wanted, name) > 0) return refuse("class that is listed twice");
    wanted.push_back(std::move(name));
  });
  if (!diagnostics.empty())
    fail_usage("{}: {}; there are {} classes, '{}' to '{}'", file.string(), diagnostics.text(), names.size(),
               names.empty() ? "" : printable(names.front()), names.empty() ? "" : printable(names.back()));
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

/// Rows "ILSVRC2012_val_00000001,n01751748 111 108 441 193": name, then class and place in the image.
std::vector<FileAndClass> parse_solution(const fs::path& file, Diagnostics& diagnostics) {
  constexpr std::array<std::string_view, 2> names{"ImageId", "PredictionString"};
  const std::string text = read_text(file);
  std::vector<FileAndClass> rows;
  std::unordered_set<std::string> seen;
  CsvReader reader(text);
  std::optional<CsvColumns> columns;
  for (CsvRow row; reader.next(row);) {
    if (!columns) {
      columns = find_columns(row, names, names);
      MNEME_CHECK(columns, "{}: line {} names only one of the columns ImageId and PredictionString", file.string(),
                  row.line);
      if (columns->has_header) continue;
    }
    const auto refuse = [&](const char* why) {
      diagnostics.add("line that is no 'name,class'", fmt::format("{}:{}: {}", file.string(), row.line, why));
    };
    if (row.fault) {
      refuse(row.fault);
    } else if (row.fields.size() <= std::max(columns->at[0], columns->at[1])) {
      refuse("too few fields");
    } else {
      const std::string &name = row.fields[columns->at[0]], &prediction = row.fields[columns->at[1]];
      const std::string class_name = prediction.substr(0, prediction.find(' '));
      if (name.empty() || class_name.empty())
        refuse("an empty field");
      else if (!seen.insert(name).second)
        diagnostics.add("image listed twice", fmt::format("{}:{}: {}", file.string(), row.line, name));
      else
        rows.emplace_back(name + ".JPEG", class_name);
    }
  }
  return rows;
}

/// Lines "ILSVRC2012_val_00000001.JPEG 65": name and number of the class, in order of the names of all.
std::vector<FileAndClass> parse_caffe(const fs::path& file, const std::vector<std::string>& names,
                                      Diagnostics& diagnostics) {
  std::vector<FileAndClass> rows;
  for (const ListEntry& entry : parse_list(read_file(file), file.string(), diagnostics).entries) {
    if (static_cast<size_t>(entry.label) < names.size())
      rows.emplace_back(entry.path, names[static_cast<size_t>(entry.label)]);
    else
      diagnostics.add(fmt::format("line that is no 'name label' with a label below {}", names.size()),
                      fmt::format("{}:{}: label {}", file.string(), entry.line, entry.label));
  }
  return rows;
}

/// The files of `rows` whose class is in `names`, ordered by file name. `all` are the names of all classes, sorted.
ImageFileList list_loose(const fs::path& root, std::vector<FileAndClass> rows, const std::vector<std::string>& names,
                         const std::vector<std::string>& all, Diagnostics& diagnostics) {
  ImageFileList list{.class_names = names, .root = root};
  std::unordered_map<std::string, int> labels;
  for (size_t label = 0; label < names.size(); ++label) labels[names[label]] = static_cast<int>(label);
  std::ranges::sort(rows);
  for (const auto& [file, name] : rows) {
    if (const auto found = labels.find(name); found != labels.end())
      add_if_sound(list, file, found->second, diagnostics);
    else if (!std::ranges::binary_search(all, name))
      diagnostics.add("class that is not among those to be learned", fmt::format("{}: {}", file, name));
  }
  return list;
}

/// Image files in `folder` that no row names have no class, and are told of.
void note_unlabelled(const fs::path& folder, const std::vector<FileAndClass>& rows, Diagnostics& diagnostics) {
  std::unordered_set<std::string_view> listed;
  for (const FileAndClass& row : rows) listed.insert(row.first);
  for (const std::string& file : image_names_in(folder, diagnostics))
    if (!listed.contains(file)) diagnostics.add_remark("image without a label", (folder / file).string());
}

/// The validation images in one folder, their classes in a file of `folder`.
ImageFileSplit list_official(const fs::path& folder, const fs::path& images, const ImagenetOptions& options) {
  ImageFileSplit split;
  Diagnostics& diagnostics = split.left_out;
  const std::vector<std::string> all = class_folders(images / "train", diagnostics);
  diagnostics.check(folder.string(), 0);
  const std::vector<std::string> names = chosen_classes(options.classes, all);
  const fs::path solution = folder / "LOC_val_solution.csv", caffe = folder / "val.txt";
  MNEME_CHECK(is_there(solution) || is_there(caffe),
              "{}: no folders of classes in it, and neither LOC_val_solution.csv nor val.txt in {} to tell the classes",
              (images / "val").string(), folder.string());
  split.train = list_image_folder(images / "train", names, diagnostics);
  const std::vector<FileAndClass> rows =
      is_there(solution) ? parse_solution(solution, diagnostics) : parse_caffe(caffe, all, diagnostics);
  split.test = list_loose(images / "val", rows, names, all, diagnostics);
  note_unlabelled(images / "val", rows, diagnostics);
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
  const fs::path official = folder / "ILSVRC/Data/CLS-LOC", images = is_there(official) ? official : folder;
  if (is_there(images / "train") && is_there(images / "val")) {
    if (!holds_folder(images / "val")) return list_official(folder, images, options);
    const auto chosen = [&](const std::vector<std::string>& names) { return chosen_classes(options.classes, names); };
    return list_image_folders(images / "train", images / "val", {chosen, options.skip_bad});
  }
  if (is_there(folder / "train.txt")) return list_listed(folder, options.skip_bad);
  fail("no ImageNet in {}: neither the folders train and val nor the lists train.txt and val.txt", folder.string());
}

}  // namespace mneme
