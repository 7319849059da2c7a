#include "data/images/prepare.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <stdexcept>

#include "data/files/file_bytes.h"
#include "data/files/output_file.h"
#include "data/images/resize.h"
#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "incremental/report/charts/png.h"
#include "tests/data/scratch_folder.h"
#include "tests/support/formula.h"
#include "tests/support/golden.h"
#include "tests/support/hex.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;

std::string noise_png(int height, int width, const std::string& name) {
  std::vector<uint8_t> rgb(static_cast<size_t>(3 * height * width));
  for (size_t i = 0; i < rgb.size(); ++i) rgb[i] = static_cast<uint8_t>(word_at(text_hash(name), i));
  return png_image(width, height, rgb);
}

/// Two classes with `train` training images and `test` test images, about 20 pixels wide and high.
struct RawImages {
  ScratchFolder scratch;
  ImageFileSplit split;

  explicit RawImages(int train = 9, int test = 3, const fs::path& where = fs::temp_directory_path()) : scratch(where) {
    for (int i = 0; i < train + test; ++i) {
      const std::string name = fmt::format("{}/n0{}/{:04}.png", i < train ? "train" : "val", i % 2, i);
      scratch.write(name, noise_png(12 + i % 7, 30 - i % 9, name));
    }
    list();
  }
  void list() { split = list_image_folders(scratch / "train", scratch / "val"); }
  PrepareReport prepare(const std::string& out, PrepareOptions options = {.short_side = 14}) const {
    return prepare_pack(split, scratch / out, options);
  }
  std::string bytes_of(const std::string& out) const { return read_file(scratch / out); }
};

void check_same(const RawImage& a, const RawImage& b) {
  CHECK(a.height == b.height);
  CHECK(a.width == b.width);
  CHECK(a.pixels == b.pixels);
}

TEST_CASE("a pack holds every image, large ones with the short side asked for, small ones as they are") {
  const RawImages images;
  const PrepareReport report = images.prepare("pack");
  CHECK(report.train == 9);
  CHECK(report.test == 3);
  CHECK(report.bytes == static_cast<int64_t>(images.bytes_of("pack").size()));
  const PackedSplit pack = open_pack(images.scratch / "pack");
  const ImageFiles train(images.split.train), test(images.split.test);
  CHECK(pack.train->class_names() == train.class_names());
  CHECK(pack.train->labels() == train.labels());
  CHECK(pack.test->labels() == test.labels());
  int kept = 0;
  for (int i = 0; i < train.size(); ++i) {
    const RawImage whole_one = train.image(i);
    kept += whole_one.height <= 14;
    const Extent size = with_short_side({whole_one.height, whole_one.width}, 14);
    check_same(pack.train->image(i),
               whole_one.height <= 14 ? whole_one : resized(whole_one, whole(whole_one), size.height, size.width));
  }
  CHECK(kept > 0);
  CHECK(kept < 9);
  CHECK(pack.test->where(2) == (images.scratch / "pack").string() + ": test image 2");
  CHECK(pack.train->fingerprint() != pack.test->fingerprint());
  CHECK_FALSE(fs::exists(images.scratch / "pack.part"));
}

TEST_CASE("small images are enlarged when asked, but not without end") {
  const RawImages images(2, 1);
  images.prepare("pack", {.short_side = 40, .enlarge = true});
  CHECK(open_pack(images.scratch / "pack").train->image(0).height == 40);
  images.scratch.write("val/n00/long.png", noise_png(1, 900, "long"));
  RawImages more(2, 1);
  more.scratch.write("val/n00/long.png", noise_png(1, 900, "long"));
  more.list();
  check_says(message_of([&] { more.prepare("pack", {.short_side = 40, .enlarge = true, .most_pixels = 100'000}); }),
             "long.png: enlarged to 36000 x 40 pixels, more than 100000");
}

TEST_CASE("1, 2 and 3 threads make the same pack, and one that is there is left as it is") {
  const RawImages images;
  const int before = threads();
  for (const int count : {1, 2, 3}) {
    set_threads(count);
    images.prepare("pack" + std::to_string(count));
  }
  set_threads(before);
  CHECK(images.bytes_of("pack1") == images.bytes_of("pack2"));
  CHECK(images.bytes_of("pack1") == images.bytes_of("pack3"));
  const auto written = fs::last_write_time(images.scratch / "pack1");
  CHECK(images.prepare("pack1").train == 9);
  CHECK(fs::last_write_time(images.scratch / "pack1") == written);
  check_says(message_of([&] { images.prepare("pack1", {.short_side = 15}); }), "is a pack of other images, options");
}

TEST_CASE("bad files are all named; allowed to be left out, they cost no second reading of the others") {
  RawImages images;
  images.prepare("without");
  images.scratch.write("train/n00/0002a.png", "no image");
  images.scratch.write("val/n01/0009a.jpg", noise_png(20, 20, "x").substr(0, 900));
  images.list();
  const std::string message = message_of([&] { images.prepare("pack"); });
  check_says(message, "2 x bad file (");
  check_says(message,
             "0002a.png: is no JPEG or PNG image, nor a file of another known kind; remove it or fetch it again, ");
  check_says(message, "0009a.jpg: ends in the middle of a chunk");
  check_says(message, "or leave them out with --skip-bad 2");
  CHECK(fs::exists(images.scratch / "pack.part"));
  int64_t reported = 0;
  const PrepareReport report = prepare_pack(images.split, images.scratch / "pack", {.short_side = 14, .skip_bad = 2},
                                            [&](const PrepareProgress&) { ++reported; });
  CHECK(reported == 0);
  CHECK(report.train == 9);
  CHECK(report.bad.files() == 2);
  const PackedSplit with = open_pack(images.scratch / "pack"), without = open_pack(images.scratch / "without");
  CHECK(with.train->fingerprint() == without.train->fingerprint());
}

TEST_CASE("files left out when they were listed count among the bad ones") {
  RawImages images;
  images.scratch.write("train/n00/empty.png", "");
  images.split = list_image_folders(images.scratch / "train", images.scratch / "val", {.skip_bad = 1});
  check_says(message_of([&] { images.prepare("pack"); }), "1 x empty file");
  CHECK(images.prepare("pack", {.short_side = 14, .skip_bad = 1}).bad.files() == 1);
}

TEST_CASE("odd images are reported with what was done to them") {
  const ScratchFolder scratch;
  const nlohmann::json golden = golden_file("decode.json");
  for (const auto& row : golden["cases"]) {
    const std::string name = row["name"];
    if (row["pixels"].is_null()) continue;
    scratch.write("train/n01/" + name +
                      (name.starts_with("png grey") ? ".JPEG"
                       : name.starts_with("png")    ? ".png"
                                                    : ".jpg"),
                  from_hex(row["file"]));
  }
  scratch.write("train/n01/image.png", from_hex(golden["cases"][0]["file"]));
  scratch.write("val/n01/v.png", noise_png(4, 4, "v"));
  const ImageFileSplit split = list_image_folders(scratch / "train", scratch / "val");
  const std::string odd = prepare_pack(split, scratch / "pack", {.short_side = 4}).odd.text();
  for (const char* part :
       {"2 x PNG under a JPEG's name, decoded as PNG (", "1 x JPEG under a PNG's name, decoded as JPEG (",
        "4 x grey, copied to three colours (", "3 x inks (CMYK), mixed to red, green and blue (",
        "8 x turned or mirrored by EXIF, made upright (", "2 x EXIF orientation without a meaning, left as it is ("})
    check_says(odd, part);
}

TEST_CASE("stopped anywhere, preparation goes on where it was, with the same bytes") {
  const RawImages images(150, 60);
  images.prepare("whole");
  const std::string wanted = images.bytes_of("whole");
  int64_t most = 0;
  for (int stop = 1;; ++stop) {
    const auto stopping = [&](const PrepareProgress& progress) {
      most = std::max(most, progress.begun_with);
      if (progress.done == progress.total) return;
      throw std::runtime_error("stopped");
    };
    try {
      prepare_pack(images.split, images.scratch / "pack", {.short_side = 14}, stopping);
      break;
    } catch (const std::runtime_error&) {
      REQUIRE(stop < 20);
    }
  }
  CHECK(most > 100);
  CHECK(images.bytes_of("pack") == wanted);
}

TEST_CASE("what a crash or a power cut leaves is made whole") {
  const RawImages images;
  images.prepare("pack");
  const std::string wanted = images.bytes_of("pack"), journal = images.bytes_of("pack.journal");
  const auto again = [&](const std::string& part_bytes, const std::string& journal_bytes) {
    fs::remove(images.scratch / "pack");
    images.scratch.write("pack.part", part_bytes);
    images.scratch.write("pack.journal", journal_bytes);
    images.prepare("pack");
    CHECK(images.bytes_of("pack") == wanted);
    CHECK(images.bytes_of("pack.journal") == journal);
  };
  for (const size_t length : {size_t{0}, size_t{10}, journal.find('\n') + 1, journal.size() / 2, journal.size() - 1})
    again(wanted, journal.substr(0, length));
  for (const size_t length : {size_t{0}, size_t{100}, wanted.size() / 2, wanted.size()})
    again(wanted.substr(0, length), journal);
  fs::remove(images.scratch / "pack");
  images.scratch.write("pack.journal", journal.substr(0, journal.find('\n') + 1) + "1 2 3\n");
  check_says(message_of([&] { images.prepare("pack"); }), "pack.journal: line 2 is damaged");
  images.scratch.write("pack.journal", "mneme prepare of something else\n");
  check_says(message_of([&] { images.prepare("pack"); }), "pack.journal: is of other images, options or libraries");
}

TEST_CASE("pixels that the disk has damaged are made again when preparation goes on") {
  const RawImages images;
  images.prepare("pack");
  const std::string wanted = images.bytes_of("pack"), journal = images.bytes_of("pack.journal");
  for (const size_t at : {pack_header_bytes + 3, wanted.size() / 2}) {
    fs::remove(images.scratch / "pack");
    std::string damaged = wanted;
    damaged[at] ^= 4;
    images.scratch.write("pack.part", damaged);
    images.scratch.write("pack.journal", journal);
    images.prepare("pack");
    CHECK(images.bytes_of("pack") == wanted);
  }
}

TEST_CASE("every damaged image of a pack is found when it is verified") {
  const RawImages images;
  images.prepare("pack");
  std::string bytes = images.bytes_of("pack");
  int64_t told = 0;
  CHECK(verify_pack(images.scratch / "pack", [&](int64_t done, int64_t total) { told = 100 * done + total; }).empty());
  CHECK(told == 1212);
  const PackIndex index = parse_pack(bytes, "pack");
  bytes[index.train[4].offset] ^= 1;
  bytes[index.test[2].offset + index.test[2].bytes() - 1] ^= 1;
  images.scratch.write("pack", bytes);
  const std::string pack = (images.scratch / "pack").string();
  CHECK(verify_pack(pack).text() == "2 x damaged image (" + pack +
                                        ": train image 4: its pixels are damaged; prepare the pack again, " + pack +
                                        ": test image 2: its pixels are damaged; prepare the pack again)");
}

TEST_CASE("files of others beside the pack are left alone") {
  const RawImages images;
  for (const char* name : {"pack.part", "pack.journal"}) {
    images.scratch.write(name, "precious");
    check_says(message_of([&] { images.prepare("pack"); }),
               std::string(name) + ": is there already and was not written by `prepare`; move it away");
    CHECK(images.bytes_of(name) == "precious");
    for (const char* other : {"pack.part", "pack.journal"}) fs::remove(images.scratch / other);
  }
}

TEST_CASE("a pack tells a run what was left out of it, and packs without omissions are as before") {
  RawImages images;
  images.prepare("without");
  CHECK(open_pack(images.scratch / "without").remarks.empty());
  images.scratch.write("train/n00/0002a.png", "no image");
  images.scratch.write("train/n00/notes.txt", "mine");
  images.list();
  images.prepare("pack", {.short_side = 14, .skip_bad = 1});
  const std::vector<std::string> remarks = open_pack(images.scratch / "pack").remarks;
  REQUIRE(remarks.size() == 2);
  CHECK(remarks[0].starts_with("left out: 1 x bad file ("));
  CHECK(remarks[1].starts_with("1 x file that is no image by its name, not read ("));
}

TEST_CASE("two preparations of one pack do not mix") {
  const RawImages images;
  const OutputFile other(images.scratch / "pack.part");
  check_says(message_of([&] { images.prepare("pack"); }), "pack.part: another program is writing it");
  check_says(message_of([&] { images.prepare("no/pack"); }), "pack.part: cannot be written (No such file");
}

TEST_CASE("damage to a pack is noticed") {
  const RawImages images;
  images.prepare("pack");
  const std::string good = images.bytes_of("pack");
  const auto opened = [&](const std::string& bytes) {
    images.scratch.write("bad", bytes);
    return message_of([&] { open_pack(images.scratch / "bad"); });
  };
  CHECK(opened(good) == "no error");
  check_says(opened(""), "bad: is an empty file, expected a pack of images");
  check_says(opened("<html>"), "bad: is a web page (HTML or XML), expected a pack of images");
  check_says(opened("mneme"), "bad: no pack of images");
  check_says(opened(good.substr(0, 100)), "bad: ends in its header");
  check_says(opened(good.substr(0, good.size() - 1)), "bad: is not as long as it says");
  std::string turned = good;
  turned.back() ^= 1;
  check_says(opened(turned), "bad: its index is damaged");
  turned = good;
  turned[pack_header_bytes] ^= 1;
  CHECK(opened(turned) == "no error");
  const PackedSplit pack = open_pack(images.scratch / "bad");
  check_says(message_of([&] { pack.train->image(0); }), "bad: train image 0: its pixels are damaged");
  CHECK(message_of([&] { pack.train->image(1); }) == "no error");
  CHECK_THROWS_AS(open_pack(images.scratch / "none"), Error);
}

TEST_CASE("a pack that is cut short while it is open is told of in a line, and ends no program") {
  const RawImages images;
  images.prepare("pack");
  const PackedSplit pack = open_pack(images.scratch / "pack");
  CHECK(message_of([&] { pack.train->image(0); }) == "no error");
  std::filesystem::resize_file(images.scratch / "pack", pack_header_bytes + 10);
  check_says(message_of([&] { pack.train->image(0); }), "something has cut it short");
  check_says(message_of([&] { open_pack(images.scratch / "pack"); }), "is not as long as it says");
}

TEST_CASE("an index that points outside its file is refused, whatever its checksum says") {
  const RawImages images(2, 1);
  images.prepare("pack");
  const std::string good = images.bytes_of("pack");
  const PackIndex index = parse_pack(good, "pack");
  const auto refused = [&](auto change) {
    PackIndex changed = index;
    change(changed);
    const std::string bytes = pack_index_bytes(changed);
    const std::string pixels(200'000, 'p');
    const std::string pack = pack_header(bytes, pack_header_bytes + pixels.size()) + pixels + bytes;
    return message_of([&] { parse_pack(pack, "pack"); });
  };
  CHECK(refused([](PackIndex&) {}) == "no error");
  const char* damaged = "pack: its index is damaged";
  check_says(refused([](PackIndex& i) { i.train[0].offset = 199'999; }), damaged);
  check_says(refused([](PackIndex& i) { i.train[0].offset = ~uint64_t{0} - 10; }), damaged);
  check_says(refused([](PackIndex& i) { i.train[0].offset = 0; }), damaged);
  check_says(refused([](PackIndex& i) { i.train[0].height = 1 << 19; }), damaged);
  check_says(refused([](PackIndex& i) { i.train[0].width = -1; }), damaged);
  check_says(refused([](PackIndex& i) { i.test[0].label = 2; }), damaged);
}

TEST_CASE("an estimate tells size and number without writing anything") {
  const RawImages images(150, 60);
  const int64_t bytes = images.prepare("pack").bytes;
  const PrepareEstimate all = estimate_pack(images.split, {.short_side = 14}, 1000),
                        some = estimate_pack(images.split, {.short_side = 14}, 50);
  CHECK(all.images == 210);
  CHECK(static_cast<double>(all.bytes) == doctest::Approx(static_cast<double>(bytes)).epsilon(0.02));
  CHECK(static_cast<double>(some.bytes) == doctest::Approx(static_cast<double>(bytes)).epsilon(0.1));
  CHECK(all.seconds > 0);
}

/// Runs only in the process that the next test case starts and kills.
TEST_CASE("prepare in a process of its own" * doctest::skip()) {
  const char* folder = std::getenv("MNEME_PREPARE");
  if (!folder) return;
  const fs::path root = folder;
  prepare_pack(list_image_folders(root / "train", root / "val"), root / "pack", {.short_side = 14});
}

TEST_CASE("killed at 20 random moments and resumed, preparation ends in the same bytes") {
  const RawImages images(900, 100, memory_or_disk());
  const std::string self = fs::read_symlink("/proc/self/exe").string();
  const auto prepare = [&](const std::string& runner) {
    return std::system(fmt::format("MNEME_PREPARE='{}' {} '{}' --no-skip -tc='prepare in a process of its own' "
                                   ">/dev/null 2>&1 </dev/null",
                                   images.scratch.path().string(), runner, self)
                           .c_str());
  };
  const auto start = std::chrono::steady_clock::now();
  REQUIRE(prepare("timeout 100") == 0);
  const double whole = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const std::string wanted = images.bytes_of("pack");
  std::mt19937 random(11);
  std::uniform_real_distribution<double> share(0.05, 0.95);
  int kills = 0, resumed = 0;
  while (kills < 20) {
    for (const char* file : {"pack", "pack.part", "pack.journal"}) fs::remove(images.scratch / file);
    for (int status = 1; status != 0; kills += status != 0) {
      resumed += fs::exists(images.scratch / "pack.journal");
      status = prepare(fmt::format("timeout -s KILL {:.4f}", whole * share(random)));
      REQUIRE(kills < 500);
    }
    REQUIRE(images.bytes_of("pack") == wanted);
  }
  CHECK(resumed > 0);
  MESSAGE(kills, " kills, ", resumed, " resumptions");
}

}  // namespace
}  // namespace mneme::test
