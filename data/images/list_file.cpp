#include "data/images/list_file.h"

#include <algorithm>
#include <fstream>
#include <optional>

#include "data/files/file_bytes.h"
#include "data/files/whole_number.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view class_mark = "# class ";

struct Entry {
  std::string_view path;
  int label;
};

std::optional<Entry> entry_of(std::string_view line) {
  const size_t space = line.find_last_of(" \t");
  if (space == std::string_view::npos) return {};
  const std::optional<int> label = whole_number<int>(line.substr(space + 1));
  const size_t end = line.find_last_not_of(" \t", space);
  if (!label || *label < 0 || end == std::string_view::npos) return {};
  return Entry{line.substr(0, end + 1), *label};
}

void check_once(const std::vector<Entry>& entries, Diagnostics& diagnostics) {
  std::vector<std::string_view> paths;
  for (const Entry& entry : entries) paths.push_back(entry.path);
  std::ranges::sort(paths);
  for (size_t i = 1; i < paths.size(); ++i)
    if (paths[i] == paths[i - 1]) diagnostics.add("picture listed twice", paths[i]);
}

/// Names for labels 0, 1, ... as far as there are, if none are given.
void name_classes(ImageFileList& list, const std::vector<Entry>& entries, const std::string& name,
                  Diagnostics& diagnostics) {
  int most = -1;
  for (const Entry& entry : entries) most = std::max(most, entry.label);
  const bool named = !list.class_names.empty();
  const auto classes = static_cast<int64_t>(named ? list.class_names.size() : entries.size());
  if (most >= classes)  // as many classes as pictures at most: a slip must not cost memory
    return diagnostics.add("label without a class", fmt::format("{}: {}, of {} classes at most", name, most, classes));
  std::vector<bool> used(static_cast<size_t>(most) + 1);
  for (const Entry& entry : entries) used[static_cast<size_t>(entry.label)] = true;
  for (int label = 0; label <= most; ++label) {
    if (!used[static_cast<size_t>(label)] && !named)
      diagnostics.add("class without a picture", fmt::format("{}: label {}", name, label));
    if (!named) list.class_names.push_back(std::to_string(label));
  }
}

/// The other part's classes are the first's.
void share_classes(const ImageFileList& train, ImageFileList& test, const fs::path& file, Diagnostics& diagnostics) {
  if (test.class_names.size() > train.class_names.size())
    diagnostics.add("class that is not among those to be learned",
                    fmt::format("{}: label {}", file.string(), test.class_names.size() - 1));
  test.class_names = train.class_names;
}

}  // namespace

ImageFileList parse_list_file(std::string_view bytes, const std::string& name, const fs::path& root,
                              Diagnostics& diagnostics) {
  ImageFileList list{.root = root};
  std::vector<Entry> entries;
  for_each_line(bytes, [&](std::string_view line, size_t number) {
    if (line.starts_with(class_mark))
      list.class_names.emplace_back(line.substr(class_mark.size()));
    else if (line.empty() || line.starts_with('#'))
      return;
    else if (const std::optional<Entry> entry = entry_of(line))
      entries.push_back(*entry);
    else
      diagnostics.add("line that is no 'path label'", fmt::format("{}:{}", name, number));
  });
  if (entries.empty()) diagnostics.add("list without a picture", name);
  check_once(entries, diagnostics);
  name_classes(list, entries, name, diagnostics);
  for (const Entry& entry : entries) add_if_sound(list, std::string(entry.path), entry.label, diagnostics);
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

void write_list_file(const fs::path& file, const ImageFileList& list) {
  const fs::path folder = fs::absolute(file).parent_path();
  const std::string to_root = fs::proximate(fs::absolute(list.root), folder).string();
  const std::string before = to_root == "." ? "" : to_root + "/";
  std::ofstream out(file, std::ios::binary);
  for (const std::string& name : list.class_names) out << class_mark << name << '\n';
  for (size_t i = 0; i < list.labels.size(); ++i) out << before << list.files[i] << ' ' << list.labels[i] << '\n';
  out.close();
  MNEME_CHECK(out, "{}: cannot be written; is there room on the disk?", file.string());
}

}  // namespace mneme
