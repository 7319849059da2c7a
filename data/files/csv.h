#pragma once
// Tables as text: comma-separated values after RFC 4180, as spreadsheets, pandas and R write them. Fields may be
// quoted, and a quoted field may hold separators, doubled quotes and line ends. Debian's libcsv reads the same, but
// tells no line numbers, without which a refused row cannot be found; so these few lines are our own.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mneme {

/// One row of a table.
struct CsvRow {
  size_t line = 0;                  ///< number of the line in which the row begins, counted from 1
  std::vector<std::string> fields;  ///< without quotes, and without blanks around them
  const char* fault = nullptr;      ///< why the row cannot be split into fields; null if it can
};

/// Reads rows one after the other; blank lines are passed over.
class CsvReader {
 public:
  /// `text` as text_of (data/files/text_lines.h) returns it; it must outlive the reader. The separator is the one of
  /// comma, semicolon and tab that stands most often in the first line.
  explicit CsvReader(std::string_view text);

  /// Replaces `row` by the next one; false at the end. A row with a fault ends with its first line.
  bool next(CsvRow& row);

 private:
  const char* split(std::string_view& rest, CsvRow& row) const;
  const char* quoted_field(std::string_view& rest, std::string& field) const;

  std::string_view rest_;
  size_t line_ = 1;
  char separator_ = ',';
};

/// A text as a field of a table: in quotes if it needs them.
std::string csv_field(std::string_view text);

/// The positions of the columns in the rows of a table.
struct CsvColumns {
  std::vector<size_t> at;   ///< column of each name asked for
  bool has_header = false;  ///< the first row names the columns, and is none of the data
};

/// Finds columns by their names, in capitals or not, in `first`, the first row of a table. If no field of it is one of
/// `names`, the table has no header, and the columns are taken to be in the order of `official`, which holds all of
/// `names`. Empty if some but not all of `names` are there.
std::optional<CsvColumns> find_columns(const CsvRow& first, std::span<const std::string_view> names,
                                       std::span<const std::string_view> official);

}  // namespace mneme
