#include "data/images/image_header.h"

#include <zlib.h>

#include <algorithm>

#include "data/files/file_kind.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

constexpr std::string_view png_signature = "\x89PNG\r\n\x1a\n", exif_signature{"Exif\0\0", 6};

/// Numbers out of bytes; 0 where there are none.
struct Bytes {
  std::string_view bytes;
  bool little_endian = false;

  uint32_t number(size_t at, size_t size) const {
    uint32_t value = 0;
    for (size_t i = 0; i < size; ++i) {
      const size_t from = at + (little_endian ? size - 1 - i : i);
      value = value << 8 | (from < bytes.size() ? static_cast<unsigned char>(bytes[from]) : 0u);
    }
    return value;
  }
  uint32_t u8(size_t at) const { return number(at, 1); }
  uint32_t u16(size_t at) const { return number(at, 2); }
  uint32_t u32(size_t at) const { return number(at, 4); }
};

/// The orientation in EXIF data, a TIFF file without pixels; 1 if there is none.
int orientation_of(std::string_view exif) {
  constexpr uint32_t tag = 0x0112, short_type = 3, long_type = 4, entry_bytes = 12;
  const Bytes in{exif, exif.starts_with("II")};
  if (!exif.starts_with("II*") && !exif.starts_with(std::string_view("MM\0*", 4))) return 1;
  const size_t directory = in.u32(4);
  for (size_t entry = 0; entry < in.u16(directory); ++entry) {
    const size_t at = directory + 2 + entry * entry_bytes;
    if (at + entry_bytes > exif.size()) return 1;
    if (in.u16(at) != tag) continue;
    const uint32_t type = in.u16(at + 2), value = type == short_type ? in.u16(at + 8) : in.u32(at + 8);
    return (type == short_type || type == long_type) && value <= 255 ? static_cast<int>(value) : 1;
  }
  return 1;
}

class JpegWalk {
 public:
  JpegWalk(std::string_view bytes, std::string_view name) : in_{bytes}, name_(name) {}

  ImageHeader header() {
    for (uint32_t marker = next_marker(); marker != end; marker = next_marker()) {
      if (stands_alone(marker)) continue;
      const size_t length = in_.u16(at_);
      MNEME_CHECK(length >= 2, "{}: a segment of no length; the file is damaged, fetch it again", name_);
      if (length > in_.bytes.size() - at_) fail_cut();
      segment(marker, in_.bytes.substr(at_ + 2, length - 2));
      at_ += length;
    }
    MNEME_CHECK(framed_ && scans_ > 0, "{}: a JPEG file without an image in it; fetch it again", name_);
    return header_;
  }

 private:
  static constexpr uint32_t end = 0xd9;

  [[noreturn]] void fail_cut() const { fail("{}: ends in the middle of the image; fetch it again", name_); }

  /// The start of the file, restart marks and those without a meaning.
  static bool stands_alone(uint32_t marker) {
    return marker == 0xd8 || marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7);
  }

  /// Steps behind the next mark, over coded pixels and whatever else is none. A file that ends inside coded pixels
  /// ends.
  uint32_t next_marker() {
    for (;;) {
      at_ = std::min(in_.bytes.find('\xff', at_), in_.bytes.size());
      while (in_.u8(at_) == 0xff) ++at_;
      if (at_ >= in_.bytes.size()) {
        if (!framed_ || scans_ == 0) fail_cut();
        header_.ends = false;
        return end;
      }
      if (const uint32_t marker = in_.u8(at_++); marker != 0) return marker;
    }
  }

  void segment(uint32_t marker, std::string_view content) {
    constexpr uint32_t exif = 0xe1, adobe = 0xee, scan = 0xda;
    constexpr size_t most_scans = 1000;  // each costs a pass over all pixels; ten are usual
    const Bytes in{content};
    const bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (frame) take_frame(marker, in);
    if (marker == adobe && content.starts_with("Adobe") && content.size() >= 12)
      header_.adobe_transform = static_cast<int>(in.u8(11));
    if (marker == exif && content.starts_with(exif_signature) && !oriented_) {
      header_.orientation = orientation_of(content.substr(exif_signature.size()));
      oriented_ = true;
    }
    MNEME_CHECK(marker != scan || ++scans_ <= most_scans, "{}: more than {} scans; the file is damaged, fetch it again",
                name_, most_scans);
  }

  void take_frame(uint32_t marker, const Bytes& in) {
    MNEME_CHECK(!framed_, "{}: two images in one; the file is damaged, fetch it again", name_);
    framed_ = true;
    header_.progressive = marker == 0xc2;
    header_.height = static_cast<int>(in.u16(1));
    header_.width = static_cast<int>(in.u16(3));
    header_.components = static_cast<int>(in.u8(5));
    const bool known = header_.components == 1 || header_.components == 3 || header_.components == 4;
    MNEME_CHECK(known, "{}: {} colour components, expected 1, 3 or 4", name_, header_.components);
    MNEME_CHECK(header_.pixels() > 0, "{}: no pixels; the file is damaged, fetch it again", name_);
  }

  Bytes in_;
  std::string_view name_;
  size_t at_ = 0, scans_ = 0;
  bool framed_ = false, oriented_ = false;
  ImageHeader header_;
};

/// Checks that the number at `end` is the CRC-32 of the chunk's kind and content. As in Pillow, chunks that do not
/// affect the pixels may be damaged; their kinds begin with a lower-case letter.
void check_png_chunk(const Bytes& in, size_t kind, size_t end, std::string_view name) {
  const bool matters = (in.u8(kind) & 0x20) == 0;
  if (!matters || end + 4 > in.bytes.size()) return;
  const auto* bytes = reinterpret_cast<const Bytef*>(in.bytes.data()) + kind;
  MNEME_CHECK(crc32_z(0, bytes, end - kind) == in.u32(end),
              "{}: a chunk {} has the wrong checksum; the file is damaged, "
              "fetch it again",
              name, in.bytes.substr(kind, 4));
}

/// A PNG's chunks: length, kind, as many bytes, checksum.
ImageHeader png_header(std::string_view bytes, std::string_view name) {
  constexpr size_t length_and_kind = 8, checksum = 4, colour = 9, most_side = 1 << 30;
  constexpr uint32_t uses_colour = 2;
  ImageHeader header{.format = ImageFormat::png};
  const Bytes in{bytes};
  for (size_t at = png_signature.size(); at + length_and_kind <= bytes.size();) {
    const std::string_view kind = bytes.substr(at + 4, 4);
    if (kind == "IEND") {
      MNEME_CHECK(header.pixels() > 0, "{}: a PNG file without an image in it; fetch it again", name);
      return header;
    }
    const size_t length = in.u32(at), content = at + length_and_kind;
    MNEME_CHECK(length <= bytes.size() - content, "{}: ends in the middle of a chunk; fetch it again", name);
    check_png_chunk(in, at + 4, content + length, name);
    if (kind == "eXIf") header.orientation = orientation_of(bytes.substr(content, length));
    if (kind == "IHDR") {
      const size_t width = in.u32(content), height = in.u32(content + 4);
      MNEME_CHECK(width > 0 && height > 0 && width < most_side && height < most_side,
                  "{}: {} x {} pixels; the file is damaged, fetch it again", name, width, height);
      header.width = static_cast<int>(width);
      header.height = static_cast<int>(height);
      header.components = in.u8(content + colour) & uses_colour ? 3 : 1;
    }
    at = content + length + checksum;
  }
  fail("{}: ends in the middle of the image; fetch it again", name);
}

}  // namespace

ImageHeader read_image_header(std::string_view bytes, std::string_view name) {
  if (bytes.starts_with(png_signature)) return png_header(bytes, name);
  if (bytes.starts_with("\xff\xd8")) return JpegWalk(bytes, name).header();
  refuse_other_kinds(bytes, name, "a JPEG or PNG image");
  fail("{}: is no JPEG or PNG image, nor a file of another known kind; remove it or fetch it again", name);
}

}  // namespace mneme
