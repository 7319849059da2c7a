#include "data/datasets/image_files/landmarks.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>
#include <variant>

#include "data/files/csv.h"
#include "data/files/file_bytes.h"
#include "data/files/text_lines.h"
#include "data/files/whole_number.h"
#include "data/images/list_file.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

constexpr size_t id_digits = 16;

struct Row {
  uint64_t id;
  uint32_t landmark;
};

constexpr std::array<std::string_view, 2> used_columns{"id", "landmark_id"};
constexpr std::array<std::string_view, 3> official_columns{"id", "url", "landmark_id"};

/// The two numbers of a row, or what is wrong with it. `width`: how many columns there are. An address with commas and
/// without quotes, between id and landmark, makes a row wider; then the landmark is the last field.
std::variant<Row, std::string> row_of(const CsvRow& row, const CsvColumns& columns, size_t width) {
  if (row.fault) return row.fault;
  if (row.fields.size() < width) return fmt::format("{} fields, expected {}", row.fields.size(), width);
  const size_t last = columns.at[1] + 1 == width ? row.fields.size() - 1 : columns.at[1];
  const std::string &digits = row.fields[columns.at[0]], &number = row.fields[last];
  const bool lower = std::ranges::none_of(digits, [](char c) { return c >= 'A' && c <= 'F'; });
  const auto id = whole_number<uint64_t>(digits, 16);
  const auto landmark = whole_number<uint32_t>(number);
  if (digits.size() != id_digits || !id || !lower)
    return fmt::format("id '{}', expected {} digits 0 to 9 and a to f", digits.substr(0, 2 * id_digits), id_digits);
  if (!landmark) return fmt::format("landmark_id '{}', expected a whole number", number.substr(0, 2 * id_digits));
  return Row{*id, *landmark};
}

std::vector<Row> parse_rows(std::string_view csv, const std::string& name, Diagnostics& diagnostics) {
  std::vector<Row> rows;
  CsvReader reader(text_of(csv, name));
  std::optional<CsvColumns> columns;
  size_t width = official_columns.size();
  for (CsvRow row; reader.next(row);) {
    if (!columns) {
      columns = find_columns(row, used_columns, official_columns);
      MNEME_CHECK(columns, "{}: has the columns {}, expected id and landmark_id among them", name,
                  fmt::join(row.fields, ", "));
      if (columns->has_header) width = row.fields.size();
      if (columns->has_header) continue;
    }
    std::variant<Row, std::string> read = row_of(row, *columns, width);
    if (const Row* good = std::get_if<Row>(&read))
      rows.push_back(*good);
    else
      diagnostics.add("line that is no 'id,url,landmark_id'",
                      fmt::format("{}:{}: {}", name, row.line, std::get<std::string>(read)));
  }
  return rows;
}

void check_once(const std::vector<Row>& rows, Diagnostics& diagnostics) {
  std::vector<uint64_t> ids;
  for (const Row& row : rows) ids.push_back(row.id);
  std::ranges::sort(ids);
  for (size_t i = 1; i < ids.size(); ++i)
    if (ids[i] == ids[i - 1]) diagnostics.add("id given twice", fmt::format("{:016x}", ids[i]));
}

/// The landmarks of the most images, most first.
std::vector<uint32_t> most_images(const std::vector<Row>& rows, int classes, const std::string& name) {
  std::unordered_map<uint32_t, int64_t> count;
  for (const Row& row : rows) ++count[row.landmark];
  std::vector<std::pair<int64_t, uint32_t>> ranked;
  for (const auto& [landmark, images] : count) ranked.emplace_back(-images, landmark);
  MNEME_CHECK(classes > 0 && static_cast<size_t>(classes) <= ranked.size(), "{}: {} classes asked for, it has {}", name,
              classes, ranked.size());
  std::ranges::sort(ranked);
  std::vector<uint32_t> chosen;
  for (int rank = 0; rank < classes; ++rank) chosen.push_back(ranked[static_cast<size_t>(rank)].second);
  return chosen;
}

std::string file_of(uint64_t id) {
  const std::string name = fmt::format("{:016x}", id);
  return fmt::format("{}/{}/{}/{}.jpg", name[0], name[1], name[2], name);
}

/// Labels of the chosen landmarks' rows, others -1.
std::vector<int> labels_of(const std::vector<Row>& rows, const std::vector<uint32_t>& chosen) {
  std::unordered_map<uint32_t, int> label_of;
  for (size_t rank = 0; rank < chosen.size(); ++rank) label_of[chosen[rank]] = static_cast<int>(rank);
  std::vector<int> labels;
  for (const Row& row : rows) {
    const auto found = label_of.find(row.landmark);
    labels.push_back(found == label_of.end() ? -1 : found->second);
  }
  return labels;
}

}  // namespace

ImageFileSplit choose_landmarks(std::string_view csv, const std::string& name, const fs::path& root,
                                const LandmarkOptions& options) {
  ImageFileSplit split;
  const std::vector<Row> rows = parse_rows(csv, name, split.left_out);
  check_once(rows, split.left_out);
  split.left_out.check(name, 0);
  const std::vector<uint32_t> chosen = most_images(rows, options.classes, name);
  for (const uint32_t landmark : chosen) split.train.class_names.push_back(std::to_string(landmark));
  split.test.class_names = split.train.class_names;
  split.train.root = split.test.root = root;
  const std::vector<int> labels = labels_of(rows, chosen);
  std::vector<int> seen(chosen.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    if (labels[i] < 0) continue;
    const bool test = seen[static_cast<size_t>(labels[i])]++ < options.test_per_class;
    add_if_sound(test ? split.test : split.train, file_of(rows[i].id), labels[i], split.left_out);
  }
  for (size_t rank = 0; rank < chosen.size(); ++rank)
    if (seen[rank] <= options.test_per_class)
      split.left_out.add("landmark of which no image is left to learn from", std::to_string(chosen[rank]));
  split.left_out.check(name, options.skip_bad);
  return split;
}

ImageFileSplit find_landmarks(const fs::path& folder, const LandmarkOptions& options) {
  std::error_code ignored;
  const fs::path csv = folder / "train.csv", train = folder / "train";
  if (fs::exists(folder / "train.txt", ignored)) return list_listed(folder, options.skip_bad);
  MNEME_CHECK(fs::exists(csv, ignored), "no Landmarks v2 in {}: neither train.csv nor the lists train.txt and test.txt",
              folder.string());
  return choose_landmarks(read_file(csv), csv.string(), fs::is_directory(train, ignored) ? train : folder, options);
}

}  // namespace mneme
