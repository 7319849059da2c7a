#include "data/datasets/image_files/published_layout.h"

#include <fmt/format.h>

#include <unordered_set>

#include "data/files/text_lines.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

constexpr const char* blanks = " \t";

std::vector<std::string> missing_in(const fs::path& folder, const PublishedLayout& layout) {
  std::vector<std::string> missing;
  std::error_code ignored;
  for (const std::string& name : layout.content)
    if (!fs::exists(folder / name, ignored)) missing.push_back(name);
  return missing;
}

}  // namespace

fs::path published_folder(const fs::path& folder, const PublishedLayout& layout) {
  const fs::path inside = folder / layout.folder;
  const std::vector<std::string> here = missing_in(folder, layout), there = missing_in(inside, layout);
  if (there.empty()) return inside;
  if (here.empty()) return folder;
  const bool nothing = here.size() == layout.content.size() && there.size() == layout.content.size();
  MNEME_CHECK(!nothing, "no {0} in {1}: neither there nor in {1}/{2} is {3}; fetch it with `{4} --data {1}`",
              layout.set, folder.string(), layout.folder, layout.content.front(), layout.fetch);
  const bool is_inside = there.size() < here.size();
  fail("{}: lacks {} of {}; unpack the whole archive, or fetch it with `{} --data DIR`",
       (is_inside ? inside : folder).string(), fmt::join(is_inside ? there : here, ", "), layout.set, layout.fetch);
}

bool holds_lists(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "train.txt", ignored);
}

std::vector<KeyedLine> read_keyed_lines(const fs::path& file, Diagnostics& diagnostics) {
  std::vector<KeyedLine> lines;
  std::unordered_set<std::string> seen;
  const std::string text = read_text(file);
  for_each_line(text, [&](const TextLine& line) {
    std::string where = fmt::format("{}:{}", file.string(), line.number);
    const size_t blank = line.text.find_first_of(blanks);
    if (blank == std::string_view::npos) return diagnostics.add("line of one word, expected two or more", where);
    std::string key(line.text.substr(0, blank));
    if (!seen.insert(key).second)
      return diagnostics.add("line about something that an earlier line tells of", fmt::format("{}: {}", where, key));
    lines.push_back({std::move(key), std::string(trimmed(line.text.substr(blank))), std::move(where)});
  });
  if (lines.empty()) diagnostics.add("file without a line that can be read", file.string());
  return lines;
}

std::string first_word(const std::string& text) { return text.substr(0, text.find_first_of(blanks)); }

void note_unlabelled(const fs::path& root, const std::string& below, const ImageFileList& part,
                     Diagnostics& diagnostics) {
  std::unordered_set<std::string_view> listed;
  for (size_t i = 0; i < part.labels.size(); ++i) listed.insert(part.files[i]);
  for (const std::string& name : image_names_in(root / below, diagnostics))
    if (const std::string file = below + "/" + name; !listed.contains(file))
      diagnostics.add_remark("image without a label", (root / file).string());
}

void check_all_learned(const ImageFileList& train, Diagnostics& diagnostics) {
  std::vector<bool> learned(train.class_names.size());
  for (const int label : train.labels) learned[static_cast<size_t>(label)] = true;
  for (size_t label = 0; label < learned.size(); ++label)
    if (!learned[label]) diagnostics.add("class without an image to learn from", train.class_names[label]);
}

}  // namespace mneme
