#include "data/files/mat_file.h"

#include <matio.h>
#include <zlib.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <memory>
#include <span>

#include "engine/base/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little);

[[noreturn]] void damaged(const fs::path& file, const char* how) {
  fail("{}: {}; the file is damaged, fetch it again", file.string(), how);
}

/// The parts of an array: flags, of which the lowest byte is the class, shape, name and values. The library believes
/// what they say of their sizes and takes the memory first, so they are made to agree with each other and the file.
class ArrayHead {
 public:
  /// `begin`: of an array that is `bytes` long.
  ArrayHead(const fs::path& path, std::span<const unsigned char> begin, uint64_t bytes)
      : path_(path), begin_(begin), bytes_(bytes) {}

  void check() const {
    constexpr uint32_t int8 = 1, int32 = 5, uint32 = 6, text = 4, first_number = 6, last_number = 15;
    const Part flags = part(0), shape = part(flags.next), name = part(shape.next), values = part(name.next);
    const bool in_order = flags.type == uint32 && flags.bytes == 8 && shape.type == int32 && shape.bytes >= 8 &&
                          shape.bytes % 4 == 0 && name.type == int8;
    if (!in_order) damaged(path_, "an array has no shape");
    const uint32_t array_class = word(flags.content) & 255;
    const bool numbers = array_class >= first_number && array_class <= last_number;
    MNEME_CHECK(numbers || array_class == text, "{}: holds more than plain arrays; save 'X' and 'y' alone",
                path_.string());
    const uint64_t count = count_of(shape);
    if (numbers && count * bytes_per_value(values.type) != values.bytes)
      damaged(path_, "an array has another size than it says");
  }

 private:
  struct Part {
    uint32_t type;
    uint64_t bytes;
    size_t content, next;
  };

  uint32_t word(size_t at) const {
    uint32_t value = 0;
    if (at > begin_.size() || begin_.size() - at < sizeof value) damaged(path_, "an array has no shape");
    std::memcpy(&value, begin_.data() + at, sizeof value);
    return value;
  }

  /// A tag of eight bytes, or of four where at most four bytes follow.
  Part part(size_t at) const {
    const uint32_t first = word(at);
    const bool small = first >> 16 != 0;
    const uint64_t bytes = small ? first >> 16 : word(at + 4);
    const size_t content = at + (small ? 4 : 8);
    if ((small && bytes > 4) || content > bytes_ || bytes > bytes_ - content)
      damaged(path_, "an array claims more than the file holds");
    return {small ? first & 0xffff : first, bytes, content, small ? at + 8 : content + (bytes + 7) / 8 * 8};
  }

  uint64_t count_of(const Part& shape) const {
    uint64_t count = 1;
    for (size_t at = 0; at < shape.bytes; at += 4)
      if ((count *= word(shape.content + at)) > bytes_) damaged(path_, "an array claims more than the file holds");
    return count;
  }

  uint64_t bytes_per_value(uint32_t type) const {
    constexpr std::array<uint8_t, 14> bytes{0, 1, 1, 2, 2, 4, 4,
                                            4, 0, 8, 0, 0, 8, 8};  // by MATLAB's number of the type
    if (type >= bytes.size() || bytes[type] == 0) damaged(path_, "an array holds values of no known type");
    return bytes[type];
  }

  const fs::path& path_;
  std::span<const unsigned char> begin_;
  uint64_t bytes_;
};

/// Walks over the outermost elements before the library sees the file: each must lie inside it, a compressed one must
/// inflate to its very end, checksum included, and each must be a plain array.
class Inspection {
 public:
  explicit Inspection(const fs::path& path) : path_(path), file_(path, std::ios::binary) {
    std::error_code error;
    size_ = fs::file_size(path, error);
    MNEME_CHECK(file_ && !error && fs::is_regular_file(path), "{}: cannot be read; is it there?", path.string());
  }

  void run() {
    std::array<char, 128> header{};
    read(header.data(), header.size());
    const bool version_5 = header[124] == 0 && header[125] == 1 && header[126] == 'I' && header[127] == 'M';
    MNEME_CHECK(version_5, "{}: is no MATLAB file of version 5; save it with -v7", path_.string());
    while (at_ < size_) element();
  }

 private:
  static constexpr uint32_t matrix = 14, compressed = 15;
  static constexpr size_t begin_bytes = 256;  // more than all parts of an array take before its values

  void read(void* into, uint64_t bytes) {
    if (bytes > size_ - at_) damaged(path_, "it ends too early");
    file_.read(static_cast<char*>(into), static_cast<std::streamsize>(bytes));
    MNEME_CHECK(file_, "{}: cannot be read", path_.string());
    at_ += bytes;
  }

  void element() {
    uint32_t tag[2];
    read(tag, sizeof tag);
    const auto [kind, bytes] = std::pair(tag[0], tag[1]);
    if (kind != matrix && kind != compressed) damaged(path_, "it holds something that is no array");
    if (bytes > size_ - at_) damaged(path_, "it ends too early");
    if (kind == compressed) return inflate_all(bytes);
    std::vector<unsigned char> begin(std::min<size_t>(bytes, begin_bytes));
    read(begin.data(), begin.size());
    ArrayHead(path_, begin, bytes).check();
    at_ += bytes - begin.size();
    file_.seekg(static_cast<std::streamoff>(at_));
  }

  /// The inflated element's own tag must say how much there is.
  void inflate_all(uint32_t bytes) {
    std::vector<unsigned char> in(1 << 16), out(1 << 18);
    z_stream stream{};
    MNEME_CHECK(inflateInit(&stream) == Z_OK, "{}: zlib does not start", path_.string());
    const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, inflateEnd);
    uint64_t inflated = 0;
    std::vector<unsigned char> begin;
    int state = Z_OK;
    while (state == Z_OK) {
      if (stream.avail_in == 0) {
        const auto part = std::min<uint64_t>(bytes, in.size());
        if (part == 0) damaged(path_, "a compressed array has no end");
        read(in.data(), part);
        bytes -= static_cast<uint32_t>(part);
        stream.next_in = in.data(), stream.avail_in = static_cast<uInt>(part);
      }
      stream.next_out = out.data(), stream.avail_out = static_cast<uInt>(out.size());
      state = inflate(&stream, Z_NO_FLUSH);
      const uint64_t got = out.size() - stream.avail_out;
      if (inflated == 0) begin.assign(out.data(), out.data() + std::min<size_t>(got, begin_bytes));
      inflated += got;
    }
    if (state != Z_STREAM_END || stream.avail_in > 0 || bytes > 0)
      damaged(path_, "a compressed array does not inflate");
    uint32_t tag[2] = {};
    if (begin.size() >= sizeof tag) std::memcpy(tag, begin.data(), sizeof tag);
    if (tag[0] != matrix || inflated != sizeof tag + tag[1]) damaged(path_, "a compressed array has another size");
    ArrayHead(path_, std::span(begin).subspan(sizeof tag), tag[1]).check();
  }

  fs::path path_;
  std::ifstream file_;
  uint64_t size_ = 0, at_ = 0;
};

using Variable = std::unique_ptr<matvar_t, void (*)(matvar_t*)>;

template <class T>
std::vector<uint8_t> bytes_of(const fs::path& file, const matvar_t& variable, size_t count) {
  const T* values = static_cast<const T*>(variable.data);
  std::vector<uint8_t> out(count);
  for (size_t i = 0; i < count; ++i) {
    const auto value = static_cast<double>(values[i]);
    if (!(value >= 0 && value <= 255 && value == std::floor(value)))
      fail("{}: '{}' holds {}, which is no whole number from 0 to 255; the file is damaged, fetch it again",
           file.string(), variable.name, value);
    out[i] = static_cast<uint8_t>(value);
  }
  return out;
}

std::vector<uint8_t> values_of(const fs::path& file, const matvar_t& v, size_t count) {
  switch (v.class_type) {
    case MAT_C_UINT8: return bytes_of<uint8_t>(file, v, count);
    case MAT_C_DOUBLE: return bytes_of<double>(file, v, count);
    case MAT_C_SINGLE: return bytes_of<float>(file, v, count);
    case MAT_C_INT8: return bytes_of<int8_t>(file, v, count);
    case MAT_C_INT16: return bytes_of<int16_t>(file, v, count);
    case MAT_C_UINT16: return bytes_of<uint16_t>(file, v, count);
    case MAT_C_INT32: return bytes_of<int32_t>(file, v, count);
    case MAT_C_UINT32: return bytes_of<uint32_t>(file, v, count);
    default: fail("{}: '{}' is no array of numbers; the file is damaged, fetch it again", file.string(), v.name);
  }
}

MatArray read_array(const fs::path& file, mat_t* opened, const std::string& name) {
  const Variable variable(Mat_VarRead(opened, name.c_str()), Mat_VarFree);
  MNEME_CHECK(variable, "{}: holds no array '{}'; is it the right file?", file.string(), name);
  MatArray out;
  size_t count = 1;
  for (int d = 0; d < variable->rank; ++d) count *= out.shape.emplace_back(variable->dims[d]);
  const size_t bytes = count * static_cast<size_t>(variable->data_size);
  if (variable->isComplex || (count > 0 && !variable->data) || bytes != variable->nbytes)
    damaged(file, "an array has another size than it says");
  out.values = values_of(file, *variable, count);
  return out;
}

}  // namespace

bool can_read_mat() { return true; }

std::vector<MatArray> read_mat_arrays(const fs::path& file, const std::vector<std::string>& names) {
  Inspection(file).run();
  Mat_LogInitFunc("mneme", [](int, char*) {});  // its complaints become ours
  const std::unique_ptr<mat_t, int (*)(mat_t*)> opened(Mat_Open(file.c_str(), MAT_ACC_RDONLY), Mat_Close);
  if (!opened) damaged(file, "it cannot be opened");
  std::vector<MatArray> arrays;
  for (const std::string& name : names) arrays.push_back(read_array(file, opened.get(), name));
  return arrays;
}

}  // namespace mneme
