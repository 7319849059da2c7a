#pragma once
// What is wrong with a set of pictures, all of it at once: a user mends a thousand files in one go, not one a day.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mneme {

class Diagnostics {
 public:
  /// With one file, without which the set is as good. `kind` is a phrase in the singular: "empty file".
  void add_file(std::string_view kind, std::string_view where) { add(kind, where, files_); }
  /// With the set, which cannot be used as it is.
  void add(std::string_view kind, std::string_view where) { add(kind, where, others_); }

  bool empty() const { return files_.empty() && others_.empty(); }
  int64_t files() const { return count_of(files_); }
  int64_t count() const { return files() + count_of(others_); }
  /// "2 x empty file (a.jpg, b.jpg)": one for each kind, with the first five.
  std::vector<std::string> phrases() const;
  /// The same on one line.
  std::string text() const;
  /// One line per file or other thing: kind, tab, where.
  std::string list() const;
  /// Throws Error, beginning with `of`, unless there are problems with files only and at most `skip_bad`.
  void check(std::string_view of, int64_t skip_bad) const;

 private:
  using Kinds = std::map<std::string, std::vector<std::string>, std::less<>>;

  static void add(std::string_view kind, std::string_view where, Kinds& kinds);
  static int64_t count_of(const Kinds& kinds);

  Kinds files_, others_;
};

/// Whether `text` is well-formed UTF-8 (RFC 3629).
bool is_utf8(std::string_view text);

/// `text` on one line: control characters, and bytes that are no UTF-8, become \xNN.
std::string printable(std::string_view text);

}  // namespace mneme
