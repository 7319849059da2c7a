#include "data/files/file_kind.h"

#include <doctest/doctest.h>

#include <array>

#include "tests/support/messages.h"

namespace mneme::test {
namespace {

using namespace std::string_view_literals;

TEST_CASE("files of other kinds are known by their beginnings") {
  struct Known {
    std::string_view bytes;
    const char* what;
  };
  for (const Known& known :
       {Known{"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"},
        Known{"\n\t<!doctype HTML>", "a web page"}, Known{"<?xml version='1.0'?><Error>", "a web page"},
        Known{"GIF89a", "a GIF image"}, Known{"RIFF\x10\0\0\0WEBPVP8 "sv, "a WebP image"},
        Known{"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0\0\0"sv, "a BMP image"},
        Known{"II*\0\x08\0\0\0"sv, "a TIFF image"}, Known{"MM\0*\0\0\0\x08"sv, "a TIFF image"},
        Known{"\0\0\0\x1c"
              "ftypavif"sv,
              "an AVIF image"},
        Known{"\0\0\0\x1c"
              "ftypheic"sv,
              "a HEIC image"},
        Known{"\x1f\x8b\x08", "packed by gzip"}, Known{"PK\3\4", "a ZIP archive"}, Known{"%PDF-1.4", "a PDF"},
        Known{"\x93NUMPY\1\0"sv, "a NumPy array"}, Known{"MATLAB 7.3 MAT-file, Platform", "version 7.3"},
        Known{"\x89HDF\r\n\x1a\n", "an HDF5 file"}}) {
    CAPTURE(known.what);
    const auto kind = kind_of_file(known.bytes);
    REQUIRE(kind);
    CHECK(std::string(kind->what).find(known.what) != std::string::npos);
    check_says(message_of([&] { refuse_other_kinds(known.bytes, "f", "a hat"); }),
               std::string("f: is ") + kind->what + ", expected a hat; " + kind->remedy);
  }
}

TEST_CASE("text, pickles and bytes of no known kind have no kind; empty files and zeros are refused") {
  for (const std::string_view bytes : {"a line\n"sv, "BMW.png 3\n"sv, "\x80\x02}."sv, "x < y"sv, "<a"sv}) {
    CHECK_FALSE(kind_of_file(bytes));
    CHECK(message_of([&] { refuse_other_kinds(bytes, "f", "a hat"); }) == "no error");
  }
  check_says(message_of([] { refuse_other_kinds("", "f", "a hat"); }), "f: is an empty file, expected a hat");
  check_says(message_of([] { refuse_other_kinds("\0\0\0"sv, "f", "a hat"); }), "f: holds nothing but zeros");
}

}  // namespace
}  // namespace mneme::test
