#include "data/datasets/image_files/imagenet.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "engine/base/error.h"
#include "tests/data/scratch_folder.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names(int count) {
  std::vector<std::string> all;
  for (int c = 0; c < count; ++c) all.push_back(fmt::format("n{:08}", c));
  return all;
}

TEST_CASE("the two ImageNet-100 of the literature are chosen by name") {
  const std::vector<std::string> all = names(1000), lucir = chosen_classes("seed1993", all);
  REQUIRE(lucir.size() == 100);
  const std::vector<int> published{7,   11,  14,  44,  54,  62,  75,  77,  85,  105, 108, 123, 126, 127, 133, 142, 160,
                                   174, 186, 192, 215, 219, 224, 238, 240, 260, 262, 274, 275, 279, 284, 288, 289, 303,
                                   312, 323, 324, 337, 390, 391, 394, 400, 413, 419, 437, 446, 466, 470, 471, 473, 478,
                                   490, 493, 494, 507, 508, 509, 512, 523, 539, 542, 548, 590, 597, 600, 622, 632, 634,
                                   637, 650, 658, 665, 699, 704, 722, 730, 748, 761, 782, 783, 812, 836, 842, 850, 852,
                                   856, 859, 886, 894, 906, 911, 912, 928, 959, 966, 979, 988, 989, 990, 999};
  for (size_t i = 0; i < 100; ++i) CHECK(lucir[i] == all[static_cast<size_t>(published[i])]);
  CHECK(chosen_classes("first100", all) == names(100));
  CHECK(chosen_classes("all", all) == all);
  CHECK(class_list_sum(lucir) != class_list_sum(names(100)));
}

TEST_CASE("a folder of a hundred classes is the choice already; of other numbers none is made") {
  for (const char* choice : {"seed1993", "first100"}) {
    CHECK(chosen_classes(choice, names(100)) == names(100));
    CHECK_THROWS_WITH_AS(chosen_classes(choice, names(99)), doctest::Contains("100 already; there are 99"), UsageError);
  }
  CHECK(chosen_classes("first100", names(200)).size() == 100);
  CHECK_THROWS_AS(chosen_classes("seed1993", names(200)), UsageError);
}

TEST_CASE("classes from a file keep its order") {
  const ScratchFolder scratch;
  const auto chosen = [&](const char* text) { return chosen_classes(scratch.write("wnids", text).string(), names(9)); };
  CHECK(chosen("n00000007 tench\n\n# comment\nn00000002\r\n") == std::vector<std::string>{"n00000007", "n00000002"});
  CHECK_THROWS_WITH_AS(
      chosen("n1\n"),
      doctest::Contains("1 x line that names no class (line 1: n1); there are 9 classes, 'n00000000' to"), UsageError);
  CHECK_THROWS_WITH_AS(chosen("no\n\nn00000002\nnor\n"),
                       doctest::Contains("2 x line that names no class (line 1: no, line 4: nor)"), UsageError);
  CHECK(chosen("\xef\xbb\xbf"
               "n00000007,tench\r\n \"n00000002\" \r\n") == std::vector<std::string>{"n00000007", "n00000002"});
  CHECK(chosen_classes(scratch.write("spaced", "sea lion\n").string(), {"sea", "sea lion"}) ==
        std::vector<std::string>{"sea lion"});
  CHECK_THROWS_WITH_AS(chosen("n00000002\nn00000002"), doctest::Contains("listed twice"), UsageError);
  CHECK_THROWS_WITH_AS(chosen("# none\n"), doctest::Contains("no class in it"), UsageError);
  CHECK_THROWS_WITH_AS(chosen_classes("sead1993", names(9)), doctest::Contains("sead1993: no such file"), Error);
}

/// Writes three classes and two validation images that lie in no class folder.
void write_official(const ScratchFolder& scratch, const std::string& under) {
  for (const char* file : {"train/n01/a.JPEG", "train/n02/b.JPEG", "train/n03/c.JPEG", "val/v_1.JPEG", "val/v_2.JPEG"})
    scratch.write(under + file, "p");
}

TEST_CASE("ImageNet is found as it is given out, with either list of validation classes") {
  const ScratchFolder kaggle, caffe;
  write_official(kaggle, "ILSVRC/Data/CLS-LOC/");
  kaggle.write("LOC_val_solution.csv", "ImageId,PredictionString\nv_2,n01 1 2 3 4 \nv_1,n03 1 2 3 4 n03 5 6 7 8\n");
  write_official(caffe, "");
  caffe.write("val.txt", "v_2.JPEG 0\nv_1.JPEG 2\n");
  for (const ScratchFolder* folder : {&kaggle, &caffe}) {
    const ImageFileSplit split = find_imagenet(folder->path());
    CHECK(split.train.labels == std::vector<int>{0, 1, 2});
    CHECK(split.test.class_names == std::vector<std::string>{"n01", "n02", "n03"});
    CHECK(split.test.labels == std::vector<int>{2, 0});
    CHECK(split.test.files[0] == "v_1.JPEG");
    const ImageFileSplit some = find_imagenet(folder->path(), {.classes = folder->write("some", "n03\n").string()});
    CHECK(some.train.labels == std::vector<int>{0});
    CHECK(some.test.labels == std::vector<int>{0});
  }
}

TEST_CASE("the official list of validation classes may lack its header, or be saved by a spreadsheet") {
  const ScratchFolder scratch;
  write_official(scratch, "");
  scratch.write("val/v_3.JPEG", "p");
  for (const char* csv : {"v_2,n01 1 2 3 4\nv_1,n03 1\n",
                          "\xef\xbb\xbfPredictionString;ImageId\r\n\"n01 1 2\";v_2\r\nn03 1;\"v_1\"\r\n"}) {
    scratch.write("LOC_val_solution.csv", csv);
    const ImageFileSplit split = find_imagenet(scratch.path());
    CHECK(split.test.labels == std::vector<int>{2, 0});
    CHECK(split.left_out.remarks() ==
          std::vector<std::string>{"1 x image without a label (" + (scratch / "val/v_3.JPEG").string() + ")"});
  }
}

TEST_CASE("what is wrong with ImageNet's validation lists is collected") {
  const ScratchFolder scratch;
  write_official(scratch, "");
  const auto says = [&](const char* part, int64_t skip_bad = 0) {
    CHECK_THROWS_WITH_AS(find_imagenet(scratch.path(), {.skip_bad = skip_bad}), doctest::Contains(part), Error);
  };
  says("neither LOC_val_solution.csv nor val.txt in");
  scratch.write("val.txt", "v_2.JPEG 3\nv_1.JPEG\nv_1.JPEG 1\nv_1.JPEG 1\n");
  says("1 x line that is no 'name label' with a label below 3 (");
  says("val.txt:1: label 3");
  says("1 x line that is no 'path label' (");
  says("1 x image listed twice");
  scratch.write("LOC_val_solution.csv", "ImageId,PredictionString\nv_2 n01\nv_1,n03 1\nv_7,n02 1\n");
  says("1 x absent file", 1);
  says("1 x line that is no 'name,class'", 1);
  scratch.write("LOC_val_solution.csv", "v_2,n01 1\nv_1,n04 1\n");
  says("1 x class that is not among those to be learned (v_1.JPEG: n04)", 1);
}

TEST_CASE("a folder without ImageNet is said to be one, and lists choose their classes themselves") {
  const ScratchFolder scratch;
  CHECK_THROWS_WITH_AS(find_imagenet(scratch.path()), doctest::Contains("no ImageNet in"), Error);
  scratch.write("a.jpg", "p");
  scratch.write("train.txt", "a.jpg 0\n");
  scratch.write("val.txt", "a.jpg 0\n");
  CHECK(find_imagenet(scratch.path()).train.labels.size() == 1);
  CHECK(find_imagenet(scratch.path(), {.classes = "first100"}).train.labels.size() == 1);
}

TEST_CASE("a hundred real classes are found in their folders") {
  const char* shared = std::getenv("MNEME_SHARED");
  if (!shared) {
    MESSAGE("skipped: MNEME_SHARED is not set");
    return;
  }
  const ImageFileSplit split = find_imagenet(fs::path(shared) / "data/imagenet-folder-mini", {.classes = "seed1993"});
  CHECK(split.train.class_names.size() == 100);
  CHECK(split.train.labels.size() == 2000);
  CHECK(split.test.labels.size() == 500);
  CHECK(ImageFiles(split.test).image(499).width == 64);
}

}  // namespace
}  // namespace mneme::test
