#include "data/images/image_pack.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "data/files/checksum.h"
#include "data/files/file_kind.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr size_t offset_at = 32, length_at = 40, sum_at = 48, sum_digits = 64;
constexpr size_t entry_bytes = 24;
constexpr uint64_t head_bytes = 4096;  // so many bytes tell the kind of a file that is no pack

template <class Number>
void put(std::string& to, Number number) {
  to.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void put_text(std::string& to, std::string_view text) {
  put(to, static_cast<uint32_t>(text.size()));
  to += text;
}

/// Takes numbers and texts off the front of an index.
class Reader {
 public:
  Reader(std::string_view bytes, const std::string& name) : left_(bytes), name_(name) {}

  template <class Number>
  Number number() {
    Number value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string text() { return std::string(take(number<uint32_t>())); }
  /// How many things of at least `bytes` follow.
  size_t count(size_t bytes) {
    const size_t many = number<uint32_t>();
    check(many <= left_.size() / bytes);
    return many;
  }
  void check(bool right) const { MNEME_CHECK(right, "{}: its index is damaged; prepare it again", name_); }
  bool is_at_end() const { return left_.empty(); }

 private:
  std::string_view take(size_t bytes) {
    check(bytes <= left_.size());
    const std::string_view taken = left_.substr(0, bytes);
    left_.remove_prefix(bytes);
    return taken;
  }

  std::string_view left_;
  const std::string& name_;
};

/// `most` is where the pixels end.
std::vector<PackEntry> read_entries(Reader& reader, size_t count, size_t classes, uint64_t most) {
  std::vector<PackEntry> entries(count);
  for (PackEntry& entry : entries) {
    entry.offset = reader.number<uint64_t>();
    for (int32_t* number : {&entry.height, &entry.width, &entry.label}) *number = reader.number<int32_t>();
    entry.crc = reader.number<uint32_t>();
    const bool sides = entry.height > 0 && entry.width > 0 && entry.height < 1 << 20 && entry.width < 1 << 20;
    reader.check(sides && entry.label >= 0 && static_cast<size_t>(entry.label) < classes);
    reader.check(entry.offset >= pack_header_bytes && entry.offset <= most && entry.bytes() <= most - entry.offset);
  }
  return entries;
}

void put_entries(std::string& to, const std::vector<PackEntry>& entries) {
  for (const PackEntry& entry : entries) {
    put(to, entry.offset);
    for (const int32_t number : {entry.height, entry.width, entry.label}) put(to, number);
    put(to, entry.crc);
  }
}

uint32_t crc_of(std::string_view bytes) {
  return static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

/// Where the index begins in a pack of `size` bytes that begins with `head`.
uint64_t pack_index_offset(std::string_view head, uint64_t size, const std::string& name) {
  if (!head.starts_with(pack_magic)) {
    refuse_other_kinds(head, name, "a pack of images");
    fail("{}: no pack of images; prepare one", name);
  }
  MNEME_CHECK(size >= pack_header_bytes, "{}: ends in its header; prepare it again", name);
  uint64_t offset = 0, length = 0;
  std::memcpy(&offset, head.data() + offset_at, sizeof offset);
  std::memcpy(&length, head.data() + length_at, sizeof length);
  const bool inside = offset >= pack_header_bytes && offset <= size && length == size - offset;
  MNEME_CHECK(inside, "{}: is not as long as it says; prepare it again", name);
  return offset;
}

/// `offset` is where the index begins in the file.
PackIndex parse_index(std::string_view head, std::string_view index_bytes, uint64_t offset, const std::string& name) {
  Reader reader(index_bytes, name);
  reader.check(sha256(index_bytes) == head.substr(sum_at, sum_digits));
  PackIndex index{.source = reader.text(), .class_names = {}, .train = {}, .test = {}};
  index.class_names.resize(reader.count(sizeof(uint32_t)));
  for (std::string& class_name : index.class_names) class_name = reader.text();
  const size_t train = reader.count(entry_bytes), test = reader.count(entry_bytes);
  index.train = read_entries(reader, train, index.class_names.size(), offset);
  index.test = read_entries(reader, test, index.class_names.size(), offset);
  if (!reader.is_at_end()) {
    index.remarks.resize(reader.count(sizeof(uint32_t)));
    reader.check(!index.remarks.empty());
    for (std::string& remark : index.remarks) remark = reader.text();
  }
  reader.check(reader.is_at_end());
  return index;
}

/// Reads `count` bytes from `at` on. The caller has checked that the file was so long when it was opened.
std::string read_part(const InputFile& file, uint64_t at, uint64_t count) {
  std::string bytes(count, '\0');
  file.read(at, bytes);
  return bytes;
}

}  // namespace

PackIndex parse_pack(std::string_view bytes, const std::string& name) {
  const std::string_view head = bytes.substr(0, pack_header_bytes);
  const uint64_t offset = pack_index_offset(head, bytes.size(), name);
  return parse_index(head, bytes.substr(offset), offset, name);
}

std::string pack_index_bytes(const PackIndex& index) {
  std::string bytes;
  put_text(bytes, index.source);
  put(bytes, static_cast<uint32_t>(index.class_names.size()));
  for (const std::string& name : index.class_names) put_text(bytes, name);
  put(bytes, static_cast<uint32_t>(index.train.size()));
  put(bytes, static_cast<uint32_t>(index.test.size()));
  put_entries(bytes, index.train);
  put_entries(bytes, index.test);
  if (index.remarks.empty()) return bytes;
  put(bytes, static_cast<uint32_t>(index.remarks.size()));
  for (const std::string& remark : index.remarks) put_text(bytes, remark);
  return bytes;
}

std::string pack_header(std::string_view index, uint64_t offset) {
  std::string header(pack_magic);
  header.resize(offset_at);
  put(header, offset);
  put(header, uint64_t{index.size()});
  header += sha256(index);
  header.resize(pack_header_bytes);
  return header;
}

uint32_t pack_crc(const RawImage& image) {
  return crc_of({reinterpret_cast<const char*>(image.pixels.data()), image.pixels.size()});
}

bool has_pack_pixels(const InputFile& pack, const PackEntry& entry) {
  const bool inside = entry.offset <= pack.size() && entry.bytes() <= pack.size() - entry.offset;
  return inside && crc_of(read_part(pack, entry.offset, entry.bytes())) == entry.crc;
}

PackedImages::PackedImages(std::shared_ptr<const InputFile> file, std::string path, std::string part,
                           std::vector<std::string> class_names, std::vector<PackEntry> entries)
    : RawImageSet(std::move(class_names),
                  [&] {
                    std::vector<int> labels;
                    for (const PackEntry& entry : entries) labels.push_back(entry.label);
                    return labels;
                  }()),
      file_(std::move(file)),
      path_(std::move(path)),
      part_(std::move(part)),
      entries_(std::move(entries)) {}

RawImage PackedImages::image(int i) const {
  const PackEntry& entry = entries_[static_cast<size_t>(i)];
  RawImage image{entry.height, entry.width, std::vector<uint8_t>(entry.bytes())};
  file_->read(entry.offset, {reinterpret_cast<char*>(image.pixels.data()), image.pixels.size()});
  MNEME_CHECK(pack_crc(image) == entry.crc, "{}: its pixels are damaged; prepare the pack again", where(i));
  return image;
}

std::string PackedImages::where(int i) const { return fmt::format("{}: {} image {}", path_, part_, i); }

std::string PackedImages::fingerprint() const {
  return sha256(part_ + "\n" +
                pack_index_bytes({.source = {}, .class_names = class_names(), .train = entries_, .test = {}}));
}

PackedSplit open_pack(const std::filesystem::path& path) {
  const auto file = std::make_shared<const InputFile>(path);
  const std::string name = path.string(), head = read_part(*file, 0, std::min(file->size(), head_bytes));
  const uint64_t offset = pack_index_offset(head, file->size(), name);
  PackIndex index = parse_index(head, read_part(*file, offset, file->size() - offset), offset, name);
  return {std::make_shared<PackedImages>(file, path.string(), "train", index.class_names, std::move(index.train)),
          std::make_shared<PackedImages>(file, path.string(), "test", index.class_names, std::move(index.test)),
          index.source, index.remarks};
}

}  // namespace mneme
