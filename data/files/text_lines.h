#pragma once
// The one reader of text that people write: lists, class orders, subsets, configurations and tables. People save text
// with many editors, so the reader accepts what those editors add: a byte order mark, Windows or old Macintosh line
// ends, blanks around a line, blank lines, and a last line without an end.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mneme {

/// One line of a text.
struct TextLine {
  std::string_view text;  ///< without its end and without blanks around it
  size_t number = 0;      ///< counted from 1, blank lines included: the number that an editor shows
};

/// The text behind a UTF-8 byte order mark, or all of it if there is none. Throws Error, beginning with `name`, for
/// bytes that are no UTF-8 text: UTF-16 (PowerShell's `>` writes it), zero bytes, and the known files of another kind
/// (data/files/file_kind.h). The message says how to save the file as UTF-8.
std::string_view text_of(std::string_view bytes, std::string_view name);

/// Takes the first line off the front of `rest` and returns it without its end. A line ends with "\n", "\r\n" or "\r".
std::string_view take_line(std::string_view& rest);

/// `text` without blanks and tabs at both ends.
std::string_view trimmed(std::string_view text);

/// `text` without a pair of quotes ("..." or '...') around it, if there is one.
std::string_view unquoted(std::string_view text);

/// Calls take(TextLine) for every line that is not blank. `text` as text_of returns it.
template <class Take>
void for_each_line(std::string_view text, const Take& take) {
  for (size_t number = 1; !text.empty(); ++number)
    if (const std::string_view line = trimmed(take_line(text)); !line.empty()) take(TextLine{line, number});
}

/// All bytes of a text file behind the byte order mark. Throws Error as read_file and text_of do.
std::string read_text(const std::filesystem::path& file);

/// The lines of a text file that are not blank, in order. Throws Error as read_text does.
std::vector<std::string> read_lines(const std::filesystem::path& file);

}  // namespace mneme
