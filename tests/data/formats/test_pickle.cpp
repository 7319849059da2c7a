#include <doctest/doctest.h>

#include <filesystem>

#include "data/datasets/pickled_images.h"
#include "data/files/file_bytes.h"
#include "data/formats/pickle.h"
#include "engine/base/error.h"
#include "engine/base/random.h"
#include "tests/support/paths.h"

using namespace mneme;
using Kind = PickleValue::Kind;

namespace {

const std::filesystem::path pickles = test::source_path("tests/data/pickles");

std::string bytes(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (std::string_view part : parts) all += part;
  return all;
}

using namespace std::string_view_literals;

std::string message_of(std::string content) {
  try {
    const Pickle pickle(std::move(content), "file");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("records pickled by Python 2 and 3, NumPy 1 and 2, protocols 2 to 5 all read the same") {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(pickles)) {
    if (entry.path().extension() != ".pickle") continue;
    ++files;
    CAPTURE(entry.path().filename().string());
    const Pickle p(read_file(entry.path()), "file");
    const PickleArray& data = p.array(*p.find(p.root(), "data"));
    CHECK(data.shape == std::vector<int64_t>{3, 3072});
    for (size_t i = 0; i < data.bytes.size(); ++i)
      REQUIRE(static_cast<unsigned char>(data.bytes[i]) == (7 * (i / 3072) + i % 3072) % 251);
    const auto labels = p.items(*p.find(p.root(), "fine_labels"));
    REQUIRE(labels.size() == 3);
    CHECK(labels[0].integer == 19);
    CHECK(labels[2].integer == 0);
    CHECK(p.items(*p.find(p.root(), "filenames"))[1].string == "stegosaurus_s_000125.png");
    CHECK(p.find(p.root(), "batch_label")->string == "training batch 1 of 1");
    CHECK(p.find(p.root(), "absent") == nullptr);
  }
  CHECK(files == 9);
}

TEST_CASE("labels of every kind that users write are read, by any protocol, beside keys of any plain kind") {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(pickles / "labels")) {
    if (entry.path().filename().string().find("-protocol") == std::string::npos) continue;
    ++files;
    CAPTURE(entry.path().filename().string());
    const Pickle p(read_file(entry.path()), "file");
    CHECK(PickledImages(p, "mend").labels("labels", 99) == std::vector<int>{19, 29, 0});
    const PickleArray &fortran = p.array(*p.find(p.root(), "fortran")), &plain = p.array(*p.find(p.root(), "plain"));
    CHECK(fortran.shape == std::vector<int64_t>{2, 3});
    CHECK(plain.bytes == "\0\1\2\3\4\5"sv);
    CHECK(fortran.bytes == plain.bytes);
    CHECK(p.find(p.root(), "a float")->kind == Kind::real);
    CHECK(p.find(p.root(), "text")->string == "\u00e9\n\\u");
    CHECK(p.find(p.root(), "bytes")->string == "\0\xff'\n"sv);
    CHECK(p.find(p.root(), "no bytes")->string.empty());
    CHECK(p.items(*p.find(p.root(), "a set")).size() == 2);
    CHECK(p.find(*p.find(p.root(), "ordered"), "a")->integer == 1);
    CHECK(p.array(*p.find(p.root(), "nothing")).bytes.empty());
    CHECK(p.find(p.root(), "true")->integer == 1);
  }
  CHECK(files == 13 * 3 + 3);
}

TEST_CASE("labels that are none are refused with what was found, what was expected and what to do") {
  const auto labels = [](const char* name) {
    const Pickle p(read_file(pickles / "labels" / name), "file");
    try {
      PickledImages(p, "mend it").labels("labels", 99);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  CHECK(labels("float-labels.pickle") ==
        "file: 'labels' is an array of type 'f8' and shape (2); labels are whole numbers along one axis: write them "
        "again "
        "with .reshape(-1).astype(numpy.int64)");
  CHECK(contains(labels("two-axes.pickle"), "shape (2, 2); labels are whole numbers along one axis"));
  CHECK(contains(labels("no-label.pickle"), "holds something that is no label at position 1: a text; mend it"));
  const Pickle p(read_file(pickles / "labels/no-label.pickle"), "file");
  try {
    PickledImages(p, "mend it").labels("fine_labels", 99);
    FAIL_CHECK("read");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) ==
          "file: expected a list or an array of whole numbers under 'fine_labels', found the keys [labels, data]; mend "
          "it");
  }
}

TEST_CASE("files of another kind are called what they are, and not damaged") {
  CHECK(contains(message_of("<!DOCTYPE html><p>404"), "file: is a web page (HTML or XML), expected a Python pickle"));
  CHECK(contains(message_of("version https://git-lfs.github.com/spec/v1\n"), "is a pointer of Git LFS"));
  CHECK(contains(message_of("PK\3\4..."), "is a ZIP archive, expected a Python pickle; unpack it first"));
  CHECK(contains(message_of(std::string(100, '\0')), "holds nothing but zeros"));
}

TEST_CASE("integers of every width keep their sign") {
  // [1, 513, -2, True, False, None, -1 (one byte), 2^40, 0 (no bytes)]
  const Pickle p(
      bytes({"\x80\x02](K\x01M\x01\x02J\xfe\xff\xff\xff\x88\x89N"sv, "\x8a\x01\xff\x8a\x06\0\0\0\0\0\x01\x8a\0e."sv}),
      "file");
  const auto items = p.items(p.root());
  REQUIRE(items.size() == 9);
  const int64_t expected[] = {1, 513, -2, 1, 0, 0, -1, int64_t{1} << 40, 0};
  for (size_t i = 0; i < 9; ++i) CHECK(items[i].integer == expected[i]);
  CHECK(items[3].kind == Kind::boolean);
  CHECK(items[5].kind == Kind::none);
}

TEST_CASE("a list noted before it is filled is the same list when recalled") {
  const Pickle p(
      "\x80\x02]q\x01(h\x01K\x07"
      "e.",
      "file");  // l = []; l += [l, 7]
  const auto outer = p.items(p.root());
  REQUIRE(outer.size() == 2);
  CHECK(p.items(outer[0]).size() == 2);
  CHECK(p.items(outer[0])[1].integer == 7);
}

TEST_CASE("the last of two equal keys wins, as in Python") {
  const Pickle p(
      "\x80\x02}(U\x01"
      "aK\x01U\x01"
      "aK\x02u.",
      "file");
  CHECK(p.find(p.root(), "a")->integer == 2);
}

TEST_CASE("a pickle that would run code is refused by name") {
  CHECK(message_of("\x80\x02"
                   "cposix\nsystem\nU\x02ls\x85R.") ==
        "file: names the Python object posix.system; only plain data and NumPy arrays are read");
  CHECK(contains(message_of("\x80\x04\x8c\x08"
                            "builtins\x8c\x04"
                            "eval\x93."),
                 "builtins.eval"));
  CHECK(contains(message_of(bytes({"\x80\x04\x8c\x03"sv, "a\nb\x8c\x01x\x93."sv})),
                 "a?b.x"));  // one entry of the message, whatever the name contains
  CHECK(contains(message_of("\x80\x02i."), "opcode 0x69 at byte 2 is not plain data"));
  CHECK(contains(message_of("\x80\x02"
                            "cnumpy\nndarray\n)R."),
                 "numpy.ndarray"));
}

TEST_CASE("names of NumPy beyond its arrays are refused, whichever of its modules they are in") {
  for (const char* module : {"numpy", "numpy.core.multiarray", "numpy._core.multiarray", "numpy.core.numeric",
                             "numpy._core.numeric", "numpy.random", "numpy.testing._private.utils"})
    for (const char* name : {"load", "fromfile", "runstring", "_frombuffer2", "ndarray2", "scalars"}) {
      const std::string object = std::string(module) + "." + name;
      CHECK(message_of(std::string("\x80\x02"
                                   "c") +
                       module + "\n" + name + "\n.") ==
            "file: names the Python object " + object + "; only plain data and NumPy arrays are read");
    }
  for (const char* swapped : {"numpy.core.numeric\n_reconstruct", "numpy\nscalar", "builtins\nndarray", "numpy\nbytes"})
    CHECK(contains(message_of(std::string("\x80\x02"
                                          "c") +
                              swapped + "\n."),
                   "names the Python object"));
}

TEST_CASE("damaged structure is refused with the place") {
  CHECK(contains(message_of(""), "is an empty file"));
  CHECK(contains(message_of("\x80\x02."), "leaves values behind"));
  CHECK(contains(message_of("\x80\x02K\x01K\x01."), "leaves values behind"));
  CHECK(contains(message_of("\x80\x02(K\x01."), "leaves values behind"));
  CHECK(contains(message_of("\x80\x02Nq\x01.x"), "goes on after its end (byte 6 of 7)"));
  CHECK(contains(message_of("\x80\x02K\x01"
                            "e."),
                 "lacks a mark"));
  CHECK(contains(message_of("\x80\x02(e."), "container that is not there"));
  CHECK(contains(message_of("\x80\x02](K\x01\x86."), "values that are not there"));
  CHECK(contains(message_of("\x80\x02}(K\x01u."), "key without a value"));
  CHECK(contains(message_of("\x80\x02h\x01."), "never noted"));
  CHECK(contains(message_of("\x80\x02q\x01."), "notes a value"));
  CHECK(contains(message_of("\x80\x02K\x01)R."), "no function"));
  CHECK(contains(message_of("\x80\x02K\x01)b."), "unknown form"));
  CHECK(contains(message_of("\x80\x02"
                            "cnumpy"),
                 "name without an end"));
  CHECK(contains(message_of(bytes({"\x80\x02\x8a\x09"sv, "123456789."sv})), "64 bits"));
  CHECK(contains(message_of(bytes({"\x80\x06K\x01."sv})), "protocol 6"));
}

TEST_CASE("a length beyond the file is refused before memory is taken") {
  CHECK(contains(message_of(bytes({"\x80\x03"
                                   "B\xff\xff\xff\xff"sv,
                                   "abc."sv})),
                 "truncated"));
  CHECK(contains(message_of(bytes({"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\xff"sv, "abc."sv})), "truncated"));
}

TEST_CASE("endless programs and repeated texts are refused") {
  CHECK(contains(message_of("\x80\x02" + std::string(5'000'000, ']')), "more than 4000000"));
  std::string bomb =
      "\x80\x02("
      "c_codecs\nencode\nq\x01X";
  bomb += bytes({"\xe8\x03\0\0"sv}) + std::string(1000, 'x') +
          "q\x02U\x06latin1\x86"
          "R";
  for (int i = 0; i < 100; ++i)
    bomb +=
        "h\x01h\x02U\x06latin1\x86"
        "R";
  CHECK(contains(message_of(bomb + "t."), "repeats itself"));
}

TEST_CASE("arrays of other types, orders and sizes are refused") {
  const std::string good = read_file(pickles / "py2-protocol2.pickle");
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string copy = good;
    copy.replace(copy.find(from), from.size(), to);
    return message_of(copy);
  };
  CHECK(contains(changed("U\x02u1"sv, "U\x02V8"sv), "type 'V8'"));
  CHECK(contains(changed("U\x02u1"sv, "U\x02O8"sv), "array in an unknown form"));
  CHECK(contains(changed("U\x02u1"sv, "U\x02i4"sv), "shape does not fit"));  // numbers of four bytes
  CHECK(contains(changed("K\x03M"sv, "K\x04M"sv), "shape does not fit"));
  CHECK(contains(changed("K\x03M"sv, "K\0M"sv), "shape does not fit"));
}

TEST_CASE("no truncation and no flipped byte of a real pickle does worse than an Error") {
  for (const char* name : {"py2-protocol2.pickle", "numpy1-protocol2.pickle", "numpy2-protocol5.pickle"}) {
    CAPTURE(name);
    const std::string good = read_file(pickles / name);
    for (size_t length = 0; length < good.size(); length += length < 300 || length + 300 > good.size() ? 1 : 97)
      CHECK_THROWS_AS(Pickle(good.substr(0, length), "file"), Error);
    for (uint32_t trial = 0; trial < 3000; ++trial) {
      const RandomWords r = random_words({1, 2}, {trial, 0, 0, 0});
      std::string bad = good;
      // the pickled structure surrounds the pixels, so both ends matter
      const size_t at = r.word[0] % 2 ? r.word[1] % 400 : bad.size() - 1 - r.word[1] % 400;
      bad[at] = static_cast<char>(r.word[2]);
      try {
        const Pickle pickle(std::move(bad), "file");
      } catch (const Error&) {
      }
    }
  }
}
