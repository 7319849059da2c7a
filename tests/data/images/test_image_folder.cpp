#include "data/images/image_folder.h"

#include <doctest/doctest.h>

#include "engine/base/error.h"
#include "tests/data/scratch_folder.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;

/// The tests decode nothing, so the file holds one letter instead of an image.
struct Folders {
  ScratchFolder scratch;
  Folders() {
    for (const char* file : {"train/n02/b.png", "train/n02/a.JPEG", "train/n01/x.jpg", "train/n01/.hidden.png",
                             "train/n01/notes.txt", "val/n02/v.png"})
      scratch.write(file, "p");
  }
  ImageFileSplit list(const FolderOptions& options = {}) const {
    return list_image_folders(scratch / "train", scratch / "val", options);
  }
  void check_says(const std::string& part, const FolderOptions& options = {}) const {
    CHECK_THROWS_WITH_AS(list(options), doctest::Contains(part.c_str()), Error);
  }
};

std::vector<std::string> files_of(const ImageFileList& list) {
  std::vector<std::string> files;
  for (size_t i = 0; i < list.files.size(); ++i) files.emplace_back(list.files[i]);
  return files;
}

TEST_CASE("folders of classes are listed by name, hidden and other files left out") {
  const Folders folders;
  const ImageFileSplit split = folders.list();
  CHECK(split.train.class_names == std::vector<std::string>{"n01", "n02"});
  CHECK(files_of(split.train) == std::vector<std::string>{"n01/x.jpg", "n02/a.JPEG", "n02/b.png"});
  CHECK(split.train.labels == std::vector<int>{0, 1, 1});
  CHECK(split.train.bytes == std::vector<uint64_t>{1, 1, 1});
  CHECK(split.test.labels == std::vector<int>{1});
  CHECK(split.test.path(0) == folders.scratch / "val/n02/v.png");
}

TEST_CASE("everything in the folders that is not read is told of") {
  const Folders folders;
  for (const char* file : {"train/loose.png", "train/n01/x.jfif", "train/n01/y.JPE", "train/n02/deep/z.png"})
    folders.scratch.write(file, "p");
  const ImageFileSplit split = folders.list();
  CHECK(files_of(split.train) ==
        std::vector<std::string>{"n01/x.jfif", "n01/x.jpg", "n01/y.JPE", "n02/a.JPEG", "n02/b.png"});
  CHECK(split.left_out.empty());
  const std::string train = (folders.scratch / "train").string();
  CHECK(split.left_out.remarks() ==
        std::vector<std::string>{"1 x file that is no image by its name, not read (" + train + "/n01/notes.txt)",
                                 "1 x folder inside the folder of a class, not looked into (" + train + "/n02/deep)",
                                 "1 x hidden file, not read (" + train + "/n01/.hidden.png)",
                                 "1 x image outside the folders of the classes, not read (" + train + "/loose.png)"});
}

TEST_CASE("images in formats that are not read are bad files, whatever the format") {
  const Folders folders;
  for (const char* ending : {"bmp", "gif", "WebP", "tif", "tiff", "avif", "heic"})
    folders.scratch.write(std::string("train/n01/odd.") + ending, "p");
  folders.check_says("7 x image in a format that is not read (convert it to PNG or JPEG) (");
  const ImageFileSplit split = folders.list({.skip_bad = 7});
  CHECK(split.left_out.files() == 7);
  CHECK(split.train.labels.size() == 3);
}

TEST_CASE("a class whose images lie one folder deeper says so") {
  const Folders folders;
  folders.scratch.write("train/n03/images/x.png", "p");
  folders.check_says("1 x class without an image (" + (folders.scratch / "train/n03").string() +
                     ", which holds folders: move their images up)");
}

TEST_CASE("chosen classes are labelled in the order chosen; others are not looked at") {
  const Folders folders;
  fs::create_directories(folders.scratch / "train/n00");  // a class folder without an image
  const ImageFileSplit split = folders.list({.classes = [](std::vector<std::string> names) {
    CHECK(names == std::vector<std::string>{"n00", "n01", "n02"});
    return std::vector<std::string>{"n02", "n01"};
  }});
  CHECK(split.train.labels == std::vector<int>{0, 0, 1});
  CHECK(split.test.class_names == std::vector<std::string>{"n02", "n01"});
}

TEST_CASE("everything that is wrong with folders is said at once") {
  const Folders folders;
  fs::create_directories(folders.scratch / "train/n00");
  folders.scratch.write("train/n01/empty.jpg", "");
  folders.scratch.write("train/n02/empty.jpg", "");
  fs::create_directory_symlink("nowhere", folders.scratch / "train/n02/gone.jpg");
  const std::string train = (folders.scratch / "train").string();
  folders.check_says("1 x class without an image (" + train + "/n00); 1 x absent file (" + train +
                     "/n02/gone.jpg); 2 x empty file (" + train + "/n01/empty.jpg, " + train + "/n02/empty.jpg); mend");
  folders.check_says("class without an image", {.skip_bad = 100});
}

TEST_CASE("bad files are left out up to the number allowed") {
  const Folders folders;
  folders.scratch.write("train/n01/empty.jpg", "");
  folders.scratch.write("val/n02/\xff.jpg", "p");
  folders.check_says("mend them, or leave them out with --skip-bad 2", {.skip_bad = 1});
  folders.check_says("1 x name that is not UTF-8 (" + (folders.scratch / "val/n02/\\xff.jpg").string() + ")");
  const ImageFileSplit split = folders.list({.skip_bad = 2});
  CHECK(split.left_out.files() == 2);
  CHECK(split.train.labels.size() == 3);
  CHECK(split.test.labels.size() == 1);
}

TEST_CASE("classes of the test part alone, folders that are not there and names that are no text are refused") {
  const Folders unknown, none, odd;
  unknown.scratch.write("val/n03/v.png", "p");
  unknown.check_says("1 x class that is not among those to be learned (" + (unknown.scratch / "val/n03").string());
  fs::remove_all(none.scratch / "val");
  none.check_says("folder that cannot be listed (" + (none.scratch / "val").string() + ": No such file");
  odd.scratch.write("train/\xc3/v.png", "p");
  odd.check_says("1 x name that is not UTF-8 (" + (odd.scratch / "train/\\xc3").string(), {.skip_bad = 9});
}

}  // namespace
}  // namespace mneme::test
