// Tests with pipes, devices and links in place of files: no reader may wait for them, and no writer may write through
// them.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include "data/files/atomic_file.h"
#include "data/files/checksum.h"
#include "data/files/file_bytes.h"
#include "data/files/input_file.h"
#include "data/files/output_file.h"
#include "data/formats/mat_file.h"
#include "data/images/image_folder.h"
#include "tests/data/scratch_folder.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;

struct Special {
  ScratchFolder scratch;
  fs::path pipe = scratch / "pipe", link = scratch / "link", target = scratch.write("target", "precious");
  Special() {
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    fs::create_symlink(target, link);
  }
};

TEST_CASE("every reader refuses a pipe and a device") {
  const Special special;
  for (const fs::path& file : {special.pipe, fs::path("/dev/zero"), special.scratch.path()}) {
    CAPTURE(file.string());
    check_says(message_of([&] { read_file(file); }), "not a plain file");
    check_says(message_of([&] { InputFile{file}; }), "not a plain file");
    check_says(message_of([&] { md5_of_file(file); }), "not a plain file");
    if (can_read_mat()) check_says(message_of([&] { read_mat_arrays(file, {"X"}); }), "not a plain file");
  }
}

TEST_CASE("a pipe among images is a bad file") {
  const Special special;
  ImageFileList list{.root = special.scratch.path()};
  Diagnostics diagnostics;
  add_if_sound(list, "pipe", 0, diagnostics);
  CHECK(diagnostics.text().starts_with("1 x not a plain file, but a folder, pipe or device"));
  CHECK(list.labels.empty());
}

TEST_CASE("a file that grows is no pipe, no device, and not what a link points to") {
  const Special special;
  check_says(message_of([&] { OutputFile{special.pipe}; }), "is not a plain file");
  check_says(message_of([&] { OutputFile{"/dev/null"}; }), "is not a plain file");
  check_says(message_of([&] { OutputFile{special.link}; }), "is a symbolic link, through which nothing is written");
  CHECK(read_file(special.target) == "precious");
}

TEST_CASE("a file that is written at once replaces a link, and leaves alone what its temporary name points to") {
  const Special special;
  write_file_atomically(special.link, "new");
  CHECK(read_file(special.target) == "precious");
  CHECK(read_file(special.link) == "new");
  fs::create_symlink(special.target, special.scratch / "out.part");
  CHECK(message_of([&] { write_file_atomically(special.scratch / "out", "new"); }) != "no error");
  CHECK(read_file(special.target) == "precious");
  REQUIRE(mkfifo((special.scratch / "other.part").c_str(), 0600) == 0);
  CHECK(message_of([&] { write_file_atomically(special.scratch / "other", "new"); }) != "no error");
}

}  // namespace
}  // namespace mneme::test
