#pragma once
// A whole set of images in one file, decoded: no decoding while training, and one file where there were a million.
//
//   header, 128 bytes: "mneme pictures 1\n"; at 32 and 40 where the index begins and how long it is; at 48 its SHA-256
//                      as 64 hexadecimal digits; the rest zero
//   pixels of each image: planes of red, green and blue, 8-bit, one image behind the other
//   index: what the pack was made of, class names, number of training and of test images, and for each image where
//          its pixels begin, height, width, label and the CRC-32 of the pixels; then, if there are any, the number of
//          remarks and the remarks, each a text
//
// Numbers are little-endian, of 32 bits but for places in the file, which have 64; text is its length and its bytes.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/files/input_file.h"
#include "data/images/raw_image_set.h"

namespace mneme {

/// The size of a pack's header in bytes.
constexpr size_t pack_header_bytes = 128;
/// The bytes with which every pack begins.
constexpr std::string_view pack_magic = "mneme pictures 1\n";

struct PackEntry {
  uint64_t offset = 0;
  int32_t height = 0, width = 0, label = 0;
  uint32_t crc = 0;

  uint64_t bytes() const { return uint64_t{3} * static_cast<uint64_t>(height) * static_cast<uint64_t>(width); }
};

struct PackIndex {
  std::string source;  ///< identifies what the pack was made of, and how
  std::vector<std::string> class_names;
  std::vector<PackEntry> train, test;
  std::vector<std::string> remarks = {};  ///< what was left out of the pack, a phrase each
};

/// The index of a pack. Throws Error, beginning with `name`, if it is damaged, or points outside the file.
PackIndex parse_pack(std::string_view bytes, const std::string& name);

/// The index as parse_pack reads it.
std::string pack_index_bytes(const PackIndex& index);
/// For an index of these bytes that begins at `offset`.
std::string pack_header(std::string_view index, uint64_t offset);
/// The CRC-32 of an image's pixels.
uint32_t pack_crc(const RawImage& image);
/// Whether the pixels of `entry` lie in a pack and have the right checksum. Throws Error as InputFile::read does.
bool has_pack_pixels(const InputFile& pack, const PackEntry& entry);

/// One of the two parts of a pack.
class PackedImages : public RawImageSet {
 public:
  /// `part` is its name: "train" or "test".
  PackedImages(std::shared_ptr<const InputFile> file, std::string path, std::string part,
               std::vector<std::string> class_names, std::vector<PackEntry> entries);

  /// Throws Error if the pixels have changed since the pack was made, or if the file has become too short.
  RawImage image(int i) const override;
  std::string where(int i) const override;
  /// A fingerprint of everything in the index, which holds checksums of the pixels.
  std::string fingerprint() const override;

 private:
  std::shared_ptr<const InputFile> file_;
  std::string path_, part_;
  std::vector<PackEntry> entries_;
};

struct PackedSplit {
  std::shared_ptr<const PackedImages> train, test;
  std::string source;
  std::vector<std::string> remarks;  ///< see PackIndex
};

/// Opens a pack and reads its index. Throws Error naming the file if it is missing, no pack, or its index is
/// damaged; pixels are checked when an image is asked for. Takes 24 bytes of memory per image.
PackedSplit open_pack(const std::filesystem::path& file);

}  // namespace mneme
