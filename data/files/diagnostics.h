#pragma once
// What is wrong with a set of images, all of it at once: a user mends a thousand files in one go, not one a day.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mneme {

/// Collects problems and remarks. A `kind` is a phrase in the singular ("empty file"); `where` names the file or the
/// line, and may hold any bytes. Nothing here throws but `check`.
class Diagnostics {
 public:
  /// A problem with one file. The set can be used without this file.
  void add_file(std::string_view kind, std::string_view where) { add(kind, where, files_); }
  /// A problem with the set, which cannot be used as it is.
  void add(std::string_view kind, std::string_view where) { add(kind, where, others_); }
  /// No problem, but something that was left out or is unusual, and that a user has to know of.
  void add_remark(std::string_view kind, std::string_view where) { add(kind, where, remarks_); }
  /// All remarks of `other`.
  void add_remarks(const Diagnostics& other);

  /// True if there are no problems. Remarks do not count as problems.
  bool empty() const { return files_.empty() && others_.empty(); }
  /// How many problems there are with single files.
  int64_t files() const { return count_of(files_); }
  /// How many problems there are.
  int64_t count() const { return files() + count_of(others_); }
  /// The problems, a phrase for each kind, with the first five of it: "2 x empty file (a.jpg, b.jpg)".
  std::vector<std::string> phrases() const { return phrases_of({&others_, &files_}); }
  /// The remarks, as phrases() tells the problems.
  std::vector<std::string> remarks() const { return phrases_of({&remarks_}); }
  /// phrases() on one line.
  std::string text() const;
  /// All problems and remarks, one line each: kind, tab, where.
  std::string list() const;
  /// Throws Error, beginning with `of`, unless there are problems with files only and at most `skip_bad` of them. A
  /// program without the flag --skip-bad, which the message would name, gives a negative number.
  void check(std::string_view of, int64_t skip_bad) const;

 private:
  using Kinds = std::map<std::string, std::vector<std::string>, std::less<>>;

  static void add(std::string_view kind, std::string_view where, Kinds& kinds);
  static int64_t count_of(const Kinds& kinds);
  static std::vector<std::string> phrases_of(std::initializer_list<const Kinds*> all);

  Kinds files_, others_, remarks_;
};

/// Whether `text` is well-formed UTF-8 (RFC 3629).
bool is_utf8(std::string_view text);

/// `text` on one line: control characters, and bytes that are no UTF-8, become `\xNN`.
std::string printable(std::string_view text);

}  // namespace mneme
