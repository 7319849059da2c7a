#include "data/images/list_file.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <variant>

#include "data/files/atomic_file.h"
#include "data/files/file_bytes.h"
#include "data/files/text_lines.h"
#include "data/files/whole_number.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view class_mark = "# class ", blanks = " \t";
constexpr std::string_view own_mark = "# Written by the verb `list`, which may replace this file.\n";

/// The entry of a line "path label", or what is wrong with the line. The path may be quoted.
std::variant<ListEntry, const char*> entry_of(const TextLine& line) {
  const size_t space = line.text.find_last_of(blanks);
  if (space == std::string_view::npos) return "no blank between a path and a label";
  const std::string_view label_text = unquoted(line.text.substr(space + 1));
  const std::string_view path = unquoted(trimmed(line.text.substr(0, space)));
  const std::optional<int> label = whole_number<int>(label_text);
  if (!label || *label < 0) return "no label, a whole number from 0, at the end";
  if (path.empty()) return "no path";
  return ListEntry{std::string(path), *label, line.number};
}

void check_once(const std::vector<ListEntry>& entries, const std::string& name, Diagnostics& diagnostics) {
  std::unordered_map<std::string_view, size_t> line_of;
  for (const ListEntry& entry : entries)
    if (const auto [first, is_new] = line_of.emplace(entry.path, entry.line); !is_new)
      diagnostics.add("image listed twice",
                      fmt::format("{}:{}: {}, as in line {}", name, entry.line, entry.path, first->second));
}

/// Names for labels 0, 1, ... as far as there are, if none are given.
void name_classes(ImageFileList& list, const std::vector<ListEntry>& entries, const std::string& name,
                  Diagnostics& diagnostics) {
  int most = -1;
  for (const ListEntry& entry : entries) most = std::max(most, entry.label);
  const bool named = !list.class_names.empty();
  const auto classes = static_cast<int64_t>(named ? list.class_names.size() : entries.size());
  // A label may not exceed the number of images, so that one wrong digit does not allocate gigabytes.
  if (most >= classes)
    return diagnostics.add("label without a class", fmt::format("{}: {}, of {} classes at most", name, most, classes));
  std::vector<bool> used(static_cast<size_t>(most) + 1);
  for (const ListEntry& entry : entries) used[static_cast<size_t>(entry.label)] = true;
  for (int label = 0; label <= most; ++label) {
    if (!used[static_cast<size_t>(label)] && !named)
      diagnostics.add("class without an image", fmt::format("{}: label {}", name, label));
    if (!named) list.class_names.push_back(std::to_string(label));
  }
}

/// The other part's classes are the first's.
void share_classes(const ImageFileList& train, ImageFileList& test, const fs::path& file, Diagnostics& diagnostics) {
  if (test.class_names.size() > train.class_names.size())
    diagnostics.add("class that is not among those to be learned",
                    fmt::format("{}: label {}", file.string(), test.class_names.size() - 1));
  for (size_t label = 0; label < std::min(test.class_names.size(), train.class_names.size()); ++label)
    if (const std::string& name = test.class_names[label];
        name != train.class_names[label] && name != std::to_string(label))
      diagnostics.add("label with two names", fmt::format("{}: {}, '{}' and in train.txt '{}'", file.string(), label,
                                                          name, train.class_names[label]));
  test.class_names = train.class_names;
}

}  // namespace

ParsedList parse_list(std::string_view bytes, const std::string& name, Diagnostics& diagnostics) {
  ParsedList list;
  for_each_line(text_of(bytes, name), [&](const TextLine& line) {
    if (line.text.starts_with(class_mark)) list.class_names.emplace_back(line.text.substr(class_mark.size()));
    if (line.text.starts_with('#')) return;
    std::variant<ListEntry, const char*> entry = entry_of(line);
    if (ListEntry* good = std::get_if<ListEntry>(&entry))
      list.entries.push_back(std::move(*good));
    else
      diagnostics.add("line that is no 'path label'",
                      fmt::format("{}:{}: {}", name, line.number, std::get<const char*>(entry)));
  });
  if (list.entries.empty()) diagnostics.add("list without an image", name);
  check_once(list.entries, name, diagnostics);
  return list;
}

ImageFileList parse_list_file(std::string_view bytes, const std::string& name, const fs::path& root,
                              Diagnostics& diagnostics) {
  ParsedList parsed = parse_list(bytes, name, diagnostics);
  ImageFileList list{.class_names = std::move(parsed.class_names), .root = root};
  name_classes(list, parsed.entries, name, diagnostics);
  for (const ListEntry& entry : parsed.entries) add_if_sound(list, entry.path, entry.label, diagnostics);
  return list;
}

ImageFileList read_list_file(const fs::path& file, Diagnostics& diagnostics) {
  return parse_list_file(read_file(file), file.string(), file.parent_path(), diagnostics);
}

ImageFileSplit list_listed(const fs::path& folder, int64_t skip_bad) {
  std::error_code ignored;
  const fs::path val = folder / "val.txt", test = fs::exists(val, ignored) ? val : folder / "test.txt";
  ImageFileSplit split;
  split.train = read_list_file(folder / "train.txt", split.left_out);
  split.test = read_list_file(test, split.left_out);
  share_classes(split.train, split.test, test, split.left_out);
  split.left_out.check(folder.string(), skip_bad);
  return split;
}

namespace {

/// A path as a list holds it: with quotes where a reader would take it for something else without them.
std::string listed_path(const std::string& path) {
  MNEME_CHECK(path.find_first_of("\r\n") == std::string::npos,
              "{}: has a line end in its name, which a list cannot hold; rename the file", printable(path));
  const bool ambiguous = trimmed(path) != path || unquoted(path) != path || path.starts_with('#');
  return ambiguous ? '"' + path + '"' : path;
}

std::string list_text(const fs::path& file, const ImageFileList& list) {
  const fs::path folder = fs::absolute(file).parent_path();
  const std::string to_root = fs::proximate(fs::absolute(list.root), folder).string();
  const std::string before = to_root == "." ? "" : to_root + "/";
  std::string text(own_mark);
  for (const std::string& name : list.class_names) text += fmt::format("{}{}\n", class_mark, name);
  for (size_t i = 0; i < list.labels.size(); ++i) {
    const std::string path(list.files[i]);
    text += fmt::format("{} {}\n", listed_path(fs::path(path).is_absolute() ? path : before + path), list.labels[i]);
  }
  return text;
}

}  // namespace

void check_replaceable_list(const fs::path& file) {
  std::error_code ignored;
  if (!fs::exists(fs::symlink_status(file, ignored))) return;
  const bool own = fs::is_regular_file(fs::symlink_status(file, ignored)) && read_file(file).starts_with(own_mark);
  MNEME_CHECK(own, "{}: is there already and was not written by `list`; move it away, or give another --out",
              file.string());
}

void write_list_files(const fs::path& folder, const ImageFileSplit& split) {
  std::error_code error;
  fs::create_directories(folder, error);
  MNEME_CHECK(!error, "{}: cannot be made ({})", folder.string(), error.message());
  MNEME_CHECK(!fs::exists(folder / "val.txt", error),
              "{}: is there already, and would be read instead of the test.txt that `list` writes; give another --out",
              (folder / "val.txt").string());
  for (const char* name : {"train.txt", "test.txt"}) check_replaceable_list(folder / name);
  write_list_file(folder / "train.txt", split.train);
  write_list_file(folder / "test.txt", split.test);
}

void write_list_file(const fs::path& file, const ImageFileList& list) {
  check_replaceable_list(file);
  write_file_atomically(file, list_text(file, list));
}

}  // namespace mneme
