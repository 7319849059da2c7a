#include "data/formats/idx_file.h"

#include <string_view>

#include "data/files/file_kind.h"
#include "data/formats/gzip.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

constexpr uint8_t unsigned_bytes = 0x08;
constexpr size_t magic_bytes = 4, length_bytes = 4;
constexpr uint64_t most_values = uint64_t{1} << 32;  // far more than any published set has

uint8_t byte_at(std::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

/// Why the first four bytes are not those of the array that is wanted; empty if they are.
std::string fault_of(std::string_view magic, size_t axes) {
  if (byte_at(magic, 0) != 0 || byte_at(magic, 1) != 0) return "does not begin with two zero bytes";
  if (byte_at(magic, 2) != unsigned_bytes)
    return fmt::format("holds values of type 0x{:02x}, expected unsigned bytes (0x08)", byte_at(magic, 2));
  if (byte_at(magic, 3) != axes) return fmt::format("has {} axes, expected {}", byte_at(magic, 3), axes);
  return "";
}

/// The lengths of the axes, out of the beginning of a file. Throws Error for another beginning.
std::vector<size_t> shape_of(std::string_view head, const std::string& name, size_t axes) {
  const std::string fault = head.size() < magic_bytes ? "has no head" : fault_of(head, axes);
  if (!fault.empty()) {
    refuse_other_kinds(head, name, "an idx file");
    fail("{}: is no idx file of {} axes: it {}; check that it is the right file", name, axes, fault);
  }
  MNEME_CHECK(head.size() >= magic_bytes + axes * length_bytes, "{}: ends too early, after {} bytes; fetch it again",
              name, head.size());
  std::vector<size_t> shape(axes);
  for (size_t axis = 0; axis < axes; ++axis)
    for (size_t k = 0; k < length_bytes; ++k)
      shape[axis] = shape[axis] << 8 | byte_at(head, magic_bytes + axis * length_bytes + k);
  return shape;
}

/// The product of the lengths. Throws Error if it is beyond any published set.
size_t count_of(const std::vector<size_t>& shape, const std::string& name) {
  uint64_t count = 1;
  for (const size_t length : shape) {
    count *= length;  // below 2^64: at most 2^32 so far, and a length has 32 bits
    MNEME_CHECK(count <= most_values, "{}: claims more than {} values; the file is damaged, fetch it again", name,
                most_values);
  }
  return static_cast<size_t>(count);
}

}  // namespace

IdxArray parse_idx(const std::string& bytes, const std::string& name, size_t axes) {
  const size_t head_bytes = magic_bytes + axes * length_bytes;
  const bool packed = is_gzip(bytes);
  const std::string head = packed ? unpack_gzip(bytes, name, head_bytes) : std::string();
  IdxArray array{shape_of(packed ? head : bytes, name, axes), {}};
  const size_t expected = head_bytes + count_of(array.shape, name);
  // One byte more than expected, so that a longer file is noticed and the end of a packed one is checked.
  const std::string unpacked = packed ? unpack_gzip(bytes, name, expected + 1) : std::string();
  const std::string& all = packed ? unpacked : bytes;
  MNEME_CHECK(all.size() >= expected, "{}: ends too early: {} bytes of the {} that its head claims; fetch it again",
              name, all.size(), expected);
  MNEME_CHECK(all.size() == expected, "{}: has more bytes than the {} that its head claims; fetch it again", name,
              expected);
  array.values.assign(all.begin() + static_cast<std::ptrdiff_t>(head_bytes), all.end());
  return array;
}

}  // namespace mneme
