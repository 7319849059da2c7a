#pragma once
// What a file really is, told by its first bytes. A reader that does not know its input asks here, so that a message
// can name a web page, a pointer of Git LFS or an archive as such instead of calling the file damaged.

#include <optional>
#include <string_view>

namespace mneme {

struct FileKind {
  const char* what;    ///< with its article: "a web page (HTML)"
  const char* remedy;  ///< what to do about it, as an order: "unpack it first"
  bool is_text = false;
};

/// The kind of a file that begins with `bytes` (all of the file, or at least its first 1024 bytes), or nothing if the
/// beginning is of no known kind. Signatures: the formats' own specifications, and `file`'s magic numbers. Text and
/// Python pickles have no signature. Throws nothing.
std::optional<FileKind> kind_of_file(std::string_view bytes);

/// Throws Error "NAME: is KIND, expected EXPECTED; REMEDY" if the bytes are of a known kind or empty, or are zeros
/// only; otherwise returns. For readers whose own format has no signature, or lacks it here.
void refuse_other_kinds(std::string_view bytes, std::string_view name, std::string_view expected);

}  // namespace mneme
