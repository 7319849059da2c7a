#include "data/files/file_kind.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "engine/base/error.h"

namespace mneme {
namespace {

using namespace std::string_view_literals;

constexpr const char* convert = "convert it to PNG or JPEG";
constexpr const char* unpack = "unpack it first";
constexpr const char* other_file = "check that it is the right file";

struct Signature {
  size_t at;
  std::string_view bytes;
  FileKind kind;
};

constexpr std::array signatures{
    Signature{0,
              "version https://git-lfs"sv,
              {"a pointer of Git LFS", "fetch the file itself with `git lfs pull` in its repository", true}},
    Signature{0, "\xff\xd8\xff"sv, {"a JPEG image", other_file}},
    Signature{0, "\x89PNG\r\n\x1a\n"sv, {"a PNG image", other_file}},
    Signature{0, "GIF8"sv, {"a GIF image", convert}},
    Signature{8, "WEBP"sv, {"a WebP image", convert}},
    Signature{0, "II*\0"sv, {"a TIFF image", convert}},
    Signature{0, "MM\0*"sv, {"a TIFF image", convert}},
    Signature{0, "II+\0"sv, {"a TIFF image", convert}},
    Signature{0, "MM\0+"sv, {"a TIFF image", convert}},
    Signature{4, "ftypavif"sv, {"an AVIF image", convert}},
    Signature{4, "ftypavis"sv, {"an AVIF image", convert}},
    Signature{4, "ftypheic"sv, {"a HEIC image", convert}},
    Signature{4, "ftypheix"sv, {"a HEIC image", convert}},
    Signature{4, "ftypmif1"sv, {"a HEIF image", convert}},
    Signature{4, "jP  \r\n\x87\n"sv, {"a JPEG 2000 image", convert}},
    Signature{0, "\xff\x4f\xff\x51"sv, {"a JPEG 2000 image", convert}},
    Signature{0, "\xff\x0a"sv, {"a JPEG XL image", convert}},
    Signature{4, "JXL \r\n\x87\n"sv, {"a JPEG XL image", convert}},
    Signature{0, "8BPS"sv, {"a Photoshop image", convert}},
    Signature{0, "\0\0\1\0"sv, {"an icon (ICO)", convert}},
    Signature{0, "<svg"sv, {"an SVG drawing", convert, true}},
    Signature{4, "ftyp"sv, {"a video (MP4)", other_file}},
    Signature{0, "%PDF"sv, {"a PDF document", other_file}},
    Signature{0, "\x1f\x8b"sv, {"an archive packed by gzip", unpack}},
    Signature{0, "PK\3\4"sv, {"a ZIP archive", unpack}},
    Signature{0, "PK\5\6"sv, {"an empty ZIP archive", other_file}},
    Signature{0, "BZh"sv, {"an archive packed by bzip2", unpack}},
    Signature{0,
              "\xfd"
              "7zXZ\0"sv,
              {"an archive packed by xz", unpack}},
    Signature{0, "\x28\xb5\x2f\xfd"sv, {"an archive packed by Zstandard", unpack}},
    Signature{0, "7z\xbc\xaf\x27\x1c"sv, {"a 7-Zip archive", unpack}},
    Signature{0, "Rar!"sv, {"a RAR archive", unpack}},
    Signature{257, "ustar"sv, {"a tar archive", unpack}},
    Signature{0, "MATLAB 7.3 MAT-file"sv, {"a MATLAB file of version 7.3 (HDF5)", "save it again with -v7"}},
    Signature{0, "MATLAB 5.0 MAT-file"sv, {"a MATLAB file of version 5", other_file}},
    Signature{0, "\x89HDF\r\n\x1a\n"sv, {"an HDF5 file", other_file}},
    Signature{0, "\x93NUMPY"sv, {"a NumPy array (.npy)", other_file}},
    Signature{0, "mneme pictures"sv, {"a pack that `prepare` made", other_file}},
};

/// True if the text begins with `small`, which is in lower case; the case of the text does not matter.
bool begins_with(std::string_view text, std::string_view small) {
  return text.size() >= small.size() && std::equal(small.begin(), small.end(), text.begin(), [](char a, char b) {
           return a == std::tolower(static_cast<unsigned char>(b));
         });
}

bool is_web_page(std::string_view bytes) {
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
  const size_t begin = std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size());
  bytes.remove_prefix(begin);
  for (const std::string_view tag : {"<!doctype html"sv, "<html"sv, "<head"sv, "<body"sv, "<!--"sv, "<?xml"sv})
    if (begins_with(bytes, tag)) return true;
  return false;
}

/// BMP's two letters are too short to be told from text, but bytes 6 to 9 are zero and a known header size follows.
bool is_bmp(std::string_view bytes) {
  constexpr std::string_view header_sizes = "\x0c\x28\x34\x38\x40\x6c\x7c";
  return bytes.size() > 18 && bytes.starts_with("BM") && bytes.substr(6, 4) == "\0\0\0\0"sv &&
         header_sizes.find(bytes[14]) != std::string_view::npos;
}

}  // namespace

std::optional<FileKind> kind_of_file(std::string_view bytes) {
  for (const Signature& one : signatures)
    if (bytes.size() >= one.at && bytes.substr(one.at).starts_with(one.bytes)) return one.kind;
  if (is_bmp(bytes)) return FileKind{"a BMP image", convert};
  if (is_web_page(bytes))
    return FileKind{"a web page (HTML or XML)", "a server sent it instead of the file; fetch the file itself", true};
  return {};
}

void refuse_other_kinds(std::string_view bytes, std::string_view name, std::string_view expected) {
  MNEME_CHECK(!bytes.empty(), "{}: is an empty file, expected {}; fetch it again", name, expected);
  if (const std::optional<FileKind> kind = kind_of_file(bytes))
    fail("{}: is {}, expected {}; {}", name, kind->what, expected, kind->remedy);
  const bool zeros = bytes.find_first_not_of('\0') == std::string_view::npos;
  MNEME_CHECK(!zeros, "{}: holds nothing but zeros, expected {}; the disk or a download failed, fetch it again", name,
              expected);
}

}  // namespace mneme
