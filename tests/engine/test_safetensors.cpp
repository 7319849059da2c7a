#include "engine/safetensors.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cmath>
#include <cstring>

#include "data/files/file_bytes.h"
#include "tests/data/scratch_folder.h"
#include "tests/support/paths.h"
#include "tests/support/tensors.h"

namespace mneme::test {
namespace {

std::string golden_bytes() { return read_file(golden_path("small.safetensors")); }

Tensor named(const SafetensorsFile& file, const std::string& name) {
  for (const auto& [key, tensor] : file.tensors)
    if (key == name) return tensor;
  FAIL("no tensor named ", name);
  return {};
}

/// Writes a file with this header, followed by this many zero bytes.
std::string file_of(const std::string& header, size_t data) {
  const uint64_t length = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + std::string(data, '\0');
}

/// The reason for which such a file is refused; empty if it is read.
std::string message_for(const std::string& header, size_t data) {
  try {
    (void)parse_safetensors(file_of(header, data), "x");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// The reason for which a file that is damaged is refused, without the beginning of the message.
std::string reason(const std::string& header, size_t data) {
  const std::string text = message_for(header, data),
                    start = "x is not a whole safetensors file: ", end = "; fetch or write it again";
  CAPTURE(text);
  REQUIRE(text.starts_with(start));
  REQUIRE(text.ends_with(end));
  return text.substr(start.size(), text.size() - start.size() - end.size());
}

/// The entry of one tensor in a header.
std::string entry(const std::string& name, const std::string& type, const std::string& shape, int begin, int end) {
  return fmt::format(R"("{}":{{"dtype":"{}","shape":{},"data_offsets":[{},{}]}})", name, type, shape, begin, end);
}

TEST_CASE("a file that PyTorch wrote is read number for number, whatever the type") {
  const SafetensorsFile file = read_safetensors(golden_path("small.safetensors"));
  CHECK(file.tensors.size() == 9);
  CHECK(file.metadata.at("format") == "pt");
  CHECK(file.metadata.at("made_by") == "tests/golden/make_safetensors.py");

  const Tensor weight = named(file, "layer.weight");
  CHECK(weight.shape() == Shape{2, 3, 2, 2});
  CHECK(weight.dtype() == DType::f32);
  for (int i = 0; i < 24; ++i) CHECK(weight.values()[static_cast<size_t>(i)] == i / 8.0 - 1);

  CHECK(named(file, "double").dtype() == DType::f64);
  CHECK(named(file, "double").values() == Values{1.0 / 3, -1e300, INFINITY});
  CHECK(named(file, "scalar").shape() == Shape{});
  CHECK(named(file, "scalar").item() == 2.5);
  CHECK(named(file, "empty").shape() == Shape{0, 4});
  CHECK(named(file, "bytes").dtype() == DType::u8);
  CHECK(named(file, "bytes").ints() == std::vector<int>{0, 127, 128, 255});
  CHECK(named(file, "int").ints() == std::vector<int>{-2147483647 - 1, 0, 2147483647});
  CHECK(named(file, "long").dtype() == DType::i32);
  CHECK(named(file, "long").ints() == std::vector<int>{-5, 7});
  // the script that made the file prints these values
  CHECK(named(file, "half").values() ==
        Values{0.333251953125, 65504, 0x1p-14, 0x1p-14 - 0x1p-24, 0x1p-24, -0.0, -INFINITY});
  CHECK(std::signbit(named(file, "half").values()[5]));
  CHECK(named(file, "bfloat").values() == Values{0.333984375, -0x1.c4p127, 0x1p-133});
}

TEST_CASE("tensors arrive in the order of their bytes") {
  const std::string bytes = to_safetensors({{"z", f64({1}, {1})}, {"a", f64({2}, {2, 3})}, {"m", f64({1}, {4})}});
  std::string order;
  for (const auto& [name, tensor] : parse_safetensors(bytes, "test").tensors) order += name;
  CHECK(order == "zam");
}

TEST_CASE("what is written is read back to the bit, from any device and layout") {
  for (const Device device : devices()) {
    Values numbers(64);
    for (size_t i = 0; i < numbers.size(); ++i)
      numbers[i] = static_cast<float>(std::sin(static_cast<double>(i)) * 1e-20);
    const Tensor image = Tensor::from(numbers, {2, 16, 2, 1}, {device, DType::f32, backend(device).feature_layout(16)});
    const Tensor block = Tensor::from(Values{9, 8, 7, 6}, {4}, {device});
    const NamedTensors tensors = {
        {"image", image}, {"view", Tensor::view(block, 1, {2, 1})}, {"labels", i32({-1, 5}, device)}};
    const SafetensorsFile file = parse_safetensors(to_safetensors(tensors, {{"epoch", "3"}}), "test");
    CHECK(named(file, "image").values() == numbers);
    CHECK(named(file, "view").values() == Values{8, 7});
    CHECK(named(file, "view").shape() == Shape{2, 1});
    CHECK(named(file, "labels").ints() == std::vector<int>{-1, 5});
    CHECK(file.metadata == Metadata{{"epoch", "3"}});
  }
}

TEST_CASE("numbers begin on an eighth byte, as PyTorch's own files do") {
  for (const char* name : {"a", "ab", "abc", "abcdefgh"}) {
    const std::string bytes = to_safetensors({{name, f64({1}, {1.5})}});
    uint64_t length = 0;
    std::memcpy(&length, bytes.data(), 8);
    CHECK(length % 8 == 0);
    double number = 0;
    std::memcpy(&number, bytes.data() + 8 + length, 8);
    CHECK(number == 1.5);
  }
}

TEST_CASE("no tensors at all is a file too") {
  CHECK(parse_safetensors(to_safetensors({}), "test").tensors.empty());
  CHECK(parse_safetensors(to_safetensors({}, {{"a", "b"}}), "test").metadata.size() == 1);
}

TEST_CASE("a file cut short anywhere is refused") {
  const std::string whole = golden_bytes();
  REQUIRE(whole.size() > 500);
  for (size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_THROWS_AS(parse_safetensors(whole.substr(0, size), "cut"), Error);
  }
  CHECK_THROWS_WITH_AS(parse_safetensors(whole.substr(0, 5), "cut"),
                       "cut is not a whole safetensors file: it has 5 bytes, fewer than the 8 of the header's length; "
                       "fetch or write it again",
                       Error);
}

TEST_CASE("a file with bytes too many is refused") {
  CHECK_THROWS_WITH_AS(
      parse_safetensors(file_of(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", 5), "long"),
      "long is not a whole safetensors file: its tensors end at 2 of 5 bytes of data; fetch or write it again", Error);
}

TEST_CASE("no flipped bit in the header leads outside the file") {
  const std::string whole = golden_bytes();
  uint64_t length = 0;
  std::memcpy(&length, whole.data(), 8);
  int refused = 0;
  for (size_t at = 0; at < 8 + length; ++at)
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ 1 << bit);
      try {
        (void)parse_safetensors(flipped, "flipped");  // a changed name is valid; sanitizers find the other faults
      } catch (const Error&) {
        ++refused;
      }
    }
  CHECK(refused > static_cast<int>(length));
}

TEST_CASE("headers that contradict themselves are refused, each for its reason") {
  CHECK(reason("[]", 0) == "its header is not a JSON object");
  CHECK(reason("{", 0) == "its header is not a JSON object");
  CHECK(reason(R"({"a":{"dtype":"F32","shape":[1]}})", 4) == "the entry of 'a' lacks dtype, shape or data_offsets");
  CHECK(reason(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}})", 4) ==
        "the entry of 'a' lacks dtype, shape or data_offsets");
  CHECK(reason(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}})", 4) ==
        "'a' lies at 0 to 8, outside the 4 bytes of data");
  CHECK(reason(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4) ==
        "'a' lies at 4 to 0, outside the 4 bytes of data");
  CHECK(reason(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4) ==
        "'a' of shape (2) needs 8 bytes but has 4");
  CHECK(reason(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4) == "'a' has an impossible shape");
  CHECK(reason(R"({"a":{"dtype":"F32","shape":[99999999999],"data_offsets":[0,4]}})", 4) ==
        "'a' of shape (99999999999) needs 399999999996 bytes but has 4");
  CHECK(reason(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0) ==
        "'a' has an impossible shape");  // the product is 2^64, which is 0 in 64 bits
  CHECK(reason(R"({"__metadata__":{"a":1}})", 0) == "its metadata holds more than strings");
  CHECK(reason(R"({"__metadata__":[]})", 0) == "its metadata is not a JSON object");
  const std::string endless(8, '\xff');
  CHECK_THROWS_AS(parse_safetensors(endless, "x"), Error);
}

TEST_CASE("a 64-bit number that does not fit is refused, not wrapped") {
  std::string bytes = file_of(R"({"n":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}})", 8);
  bytes[bytes.size() - 4] = 1;  // 2^32
  CHECK_THROWS_WITH_AS(
      parse_safetensors(bytes, "x"),
      "x: 'n' holds 4294967296, and whole numbers (I64) are read into 32 bits: save it as F64, or leave it out", Error);
}

TEST_CASE("metadata may be null") {
  const std::string header = R"({"__metadata__":null,)" + entry("a", "U8", "[2]", 0, 2) + "}";
  const SafetensorsFile file = parse_safetensors(file_of(header, 2), "x");
  CHECK(file.metadata.empty());
  CHECK(named(file, "a").ints() == std::vector<int>{0, 0});
}

TEST_CASE("a tensor without elements may have any other dimensions") {
  const std::string header = "{" + entry("wide", "F32", "[0,1000000000]", 0, 0) + "," + entry("a", "U8", "[2]", 0, 2) +
                             "," + entry("last", "F32", "[1000000000,0]", 2, 2) + "}";
  const SafetensorsFile file = parse_safetensors(file_of(header, 2), "x");
  CHECK(named(file, "wide").shape() == Shape{0, 1000000000});
  CHECK(named(file, "last").shape() == Shape{1000000000, 0});
}

TEST_CASE("what a sound file has and this reader does not read is named, and the file is not called damaged") {
  for (const char* type : {"BOOL", "I8", "I16", "U16", "U32", "U64", "F8_E4M3", "F8_E5M2", "C64"})
    CHECK(
        message_for("{" + entry("mask", type, "[4]", 0, 4) + "}", 4) ==
        fmt::format("x: 'mask' has the type {}, and these are read: F32, F64, I32, U8, I64, F16, BF16; save it as one "
                    "of them, or leave it out",
                    type));
  CHECK(message_for("{" + entry("video", "F32", "[1,1,1,1,1,1]", 0, 4) + "}", 4) ==
        "x: 'video' has 6 dimensions, and tensors of up to 5 are read: save it with fewer, or leave it out");
}

TEST_CASE("bytes that no tensor or two tensors claim are refused") {
  const std::string first = "{" + entry("a", "U8", "[4]", 0, 4) + ",";
  CHECK(message_for(first + entry("b", "U8", "[4]", 4, 8) + "}", 8) == "");
  CHECK(reason(first + entry("b", "U8", "[4]", 6, 10) + "}", 10) ==
        "the bytes 4 to 6 of its data, before 'b', belong to no tensor");
  CHECK(reason("{" + entry("a", "U8", "[4]", 2, 6) + "}", 6) ==
        "the bytes 0 to 2 of its data, before 'a', belong to no tensor");
  CHECK(reason(first + entry("b", "U8", "[4]", 2, 6) + "}", 6) ==
        "'b' begins at byte 2 of the data, and the tensor before it ends at byte 4");
  CHECK(reason(first + entry("b", "U8", "[4]", 0, 4) + "}", 4) ==
        "'b' begins at byte 0 of the data, and the tensor before it ends at byte 4");
}

TEST_CASE("a name that stands twice in the header is refused, at every level") {
  const std::string a = entry("a", "U8", "[2]", 0, 2);
  CHECK(reason("{" + a + "," + a + "}", 2) == "its header names 'a' twice");
  CHECK(reason(R"({"a":{"dtype":"U8","shape":[9],"shape":[2],"data_offsets":[0,2]}})", 2) ==
        "its header names 'shape' twice");
  CHECK(reason(R"({"__metadata__":{"k":"1","k":"2"}})", 0) == "its header names 'k' twice");
}

TEST_CASE("a header that is nested or long without end is refused before it fills the memory") {
  constexpr size_t many = 1'000'000;
  CHECK(reason(std::string(many, '['), 0) == "its header is nested more than 3 deep");
  std::string objects, numbers = "1", lists = "[]";
  for (size_t i = 0; i < many / 8; ++i) objects += R"({"a":)";
  for (size_t i = 0; i < many; ++i) numbers += ",1";
  for (size_t i = 0; i < many; ++i) lists += ",[]";
  CHECK(reason(objects, 0) == "its header is nested more than 3 deep");
  CHECK(reason(R"({"a":{"dtype":"U8","shape":[)" + numbers + "]}}", 0) ==
        "its header has an array of more than 64 values");
  CHECK(reason(R"({"a":[)" + lists + "]}", 0) == "its header has an array of more than 64 values");
  CHECK(reason("[" + numbers + "]", 0) == "its header has an array of more than 64 values");
  std::string rows;  // the number of names and texts is not limited
  for (int i = 0; i < 1000; ++i) rows += fmt::format(R"({}"{}":"v")", i ? "," : "", i);
  CHECK(message_for(R"({"__metadata__":{)" + rows + "}}", 0) == "");
}

TEST_CASE("a folder, a pipe or a device in a file's place is refused, not waited for") {
  const ScratchFolder scratch;
  const std::filesystem::path pipe = scratch / "pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  for (const std::filesystem::path& path : {pipe, std::filesystem::path("/dev/zero"), std::filesystem::path("/")})
    CHECK_THROWS_WITH_AS(read_safetensors(path),
                         (path.string() + " is a folder, a pipe or a device: give a safetensors file").c_str(), Error);
}

TEST_CASE("a missing file is named") {
  CHECK_THROWS_WITH_AS(read_safetensors("/no/such/file.safetensors"),
                       "cannot open /no/such/file.safetensors: check the path", Error);
}

}  // namespace
}  // namespace mneme::test
