#include "engine/safetensors.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "engine/bf16.h"

namespace mneme {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// Limits of the header. The first is the format's own; the others stand far above what any real file needs, so that a
// made-up header cannot fill the memory.
constexpr uint64_t largest_header = 100u << 20;
constexpr size_t deepest_nesting = 3;  // the header, a tensor's entry, its shape
constexpr int longest_array = 64;
// A larger number of elements could overflow 64 bits when it is counted in bytes.
constexpr uint64_t most_elements = uint64_t{1} << 56;

const char* stored_name(DType type) {
  switch (type) {
    case DType::f32: return "F32";
    case DType::f64: return "F64";
    case DType::i32: return "I32";
    case DType::u8: return "U8";
    case DType::bf16: return "BF16";
  }
  return "";
}

float from_half(uint16_t h) {
  const int exponent = h >> 10 & 31, mantissa = h & 1023;
  const float sign = h >> 15 ? -1.0f : 1.0f;
  if (exponent == 31)
    return mantissa ? std::numeric_limits<float>::quiet_NaN() : sign * std::numeric_limits<float>::infinity();
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(mantissa), -24);
  return sign * std::ldexp(static_cast<float>(1024 + mantissa), exponent - 25);
}

/// A type in the file, its bytes per number, and the type that it becomes in memory.
struct StoredType {
  const char* name;
  size_t bytes;
  DType type;
};
constexpr StoredType stored_types[] = {{"F32", 4, DType::f32}, {"F64", 8, DType::f64}, {"I32", 4, DType::i32},
                                       {"U8", 1, DType::u8},   {"I64", 8, DType::i32}, {"F16", 2, DType::f32},
                                       {"BF16", 2, DType::f32}};

std::string types_read() {
  std::string all;
  for (const StoredType& stored : stored_types) all.append(all.empty() ? "" : ", ").append(stored.name);
  return all;
}

/// Checks of a JSON header that are possible only while it is parsed: names that stand twice in one object, arrays and
/// objects that are nested too deep, arrays that are too long.
class HeaderChecks {
 public:
  /// Takes the next event of the parser. Returns what is wrong, or an empty text.
  std::string take(json::parse_event_t event, const json& value) {
    using Event = json::parse_event_t;
    const bool begins = event == Event::object_start || event == Event::array_start;
    if ((begins || event == Event::value) && !open_.empty() && open_.back().names.empty() &&
        ++open_.back().values > longest_array)
      return fmt::format("its header has an array of more than {} values", longest_array);
    switch (event) {
      case Event::object_start:
      case Event::array_start:
        open_.emplace_back();
        return open_.size() > deepest_nesting ? fmt::format("its header is nested more than {} deep", deepest_nesting)
                                              : "";
      case Event::object_end:
      case Event::array_end: open_.pop_back(); return "";
      case Event::key: {
        const auto name = value.get<std::string>();
        return open_.back().names.insert(name).second ? "" : fmt::format("its header names '{}' twice", name);
      }
      case Event::value: return "";
    }
    return "";
  }

 private:
  /// An array or object that has begun and not ended.
  struct Open {
    std::set<std::string> names;  // of an object; empty in an array
    int values = 0;               // in an array
  };
  std::vector<Open> open_;
};

/// Reads the tensors of a file and compares the header with the bytes that follow it.
class Reader {
 public:
  Reader(const std::string& bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  SafetensorsFile read() {
    const json header = parse_header();
    SafetensorsFile file;
    std::vector<std::tuple<uint64_t, uint64_t, std::string>> found;  // begin, end, name
    for (const auto& [key, entry] : header.items()) {
      if (key == "__metadata__") {
        file.metadata = read_metadata(entry);
      } else {
        const auto [begin, end] = place_of(key, entry);
        found.emplace_back(begin, end, key);
      }
    }
    std::sort(found.begin(), found.end());
    uint64_t at = 0;  // tensors must follow each other without gaps, so that no two can claim the same bytes
    for (const auto& [begin, end, key] : found) {
      check_place(key, begin, end, at);
      at = end;
    }
    if (data_ + at != bytes_.size()) refuse("its tensors end at {} of {} bytes of data", at, bytes_.size() - data_);
    for (const auto& [begin, end, key] : found)
      file.tensors.emplace_back(key, read_tensor(key, header[key], begin, end));
    return file;
  }

 private:
  template <class... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> why, Args&&... args) const {
    fail("{} is not a whole safetensors file: {}; fetch or write it again", name_,
         fmt::format(why, std::forward<Args>(args)...));
  }

  /// For a sound file with something that is not read here.
  template <class... Args>
  [[noreturn]] void unsupported(fmt::format_string<Args...> what, Args&&... args) const {
    fail("{}: {}", name_, fmt::format(what, std::forward<Args>(args)...));
  }

  json parse_header() {
    uint64_t length = 0;
    if (bytes_.size() < 8) refuse("it has {} bytes, fewer than the 8 of the header's length", bytes_.size());
    std::memcpy(&length, bytes_.data(), 8);
    if (length > largest_header || length > bytes_.size() - 8)
      refuse("its header claims {} bytes of {}", length, bytes_.size());
    data_ = 8 + length;
    HeaderChecks checks;
    const auto check = [&](int, json::parse_event_t event, const json& value) {
      if (const std::string wrong = checks.take(event, value); !wrong.empty()) refuse("{}", wrong);
      return true;
    };
    const auto end = bytes_.begin() + static_cast<std::ptrdiff_t>(data_);
    json header = json::parse(bytes_.begin() + 8, end, check, false);
    if (!header.is_object()) refuse("its header is not a JSON object");
    return header;
  }

  Metadata read_metadata(const json& entry) const {
    Metadata metadata;
    if (entry.is_null()) return metadata;  // some writers put null where there is none
    if (!entry.is_object()) refuse("its metadata is not a JSON object");
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) refuse("its metadata holds more than strings");
      metadata[key] = value.get<std::string>();
    }
    return metadata;
  }

  std::pair<uint64_t, uint64_t> place_of(const std::string& key, const json& entry) const {
    const bool whole = entry.is_object() && entry.contains("dtype") && entry["dtype"].is_string() &&
                       entry.contains("shape") && entry["shape"].is_array() && entry.contains("data_offsets") &&
                       entry["data_offsets"].is_array() && entry["data_offsets"].size() == 2 &&
                       entry["data_offsets"][0].is_number_unsigned() && entry["data_offsets"][1].is_number_unsigned();
    if (!whole) refuse("the entry of '{}' lacks dtype, shape or data_offsets", key);
    return {entry["data_offsets"][0].get<uint64_t>(), entry["data_offsets"][1].get<uint64_t>()};
  }

  Shape read_shape(const std::string& key, const json& entry) const {
    if (entry["shape"].size() > static_cast<size_t>(Shape::max_rank))
      unsupported("'{}' has {} dimensions, and tensors of up to {} are read: save it with fewer, or leave it out", key,
                  entry["shape"].size(), Shape::max_rank);
    Shape shape;
    uint64_t elements = 1;  // without the dimensions that are 0: a tensor without elements may be as wide as it likes
    for (const json& dim : entry["shape"]) {
      const uint64_t size = dim.is_number_unsigned() ? dim.get<uint64_t>() : most_elements + 1;
      if (size > most_elements / elements) refuse("'{}' has an impossible shape", key);
      elements *= std::max(size, uint64_t{1});
      shape.append(static_cast<int64_t>(size));
    }
    return shape;
  }

  /// Checks that a tensor begins at byte `due` of the data, where the one before it ends, and ends inside the file.
  void check_place(const std::string& key, uint64_t begin, uint64_t end, uint64_t due) const {
    if (begin > end || end > bytes_.size() - data_)
      refuse("'{}' lies at {} to {}, outside the {} bytes of data", key, begin, end, bytes_.size() - data_);
    if (begin > due) refuse("the bytes {} to {} of its data, before '{}', belong to no tensor", due, begin, key);
    if (begin < due)
      refuse("'{}' begins at byte {} of the data, and the tensor before it ends at byte {}", key, begin, due);
  }

  Tensor read_tensor(const std::string& key, const json& entry, uint64_t begin, uint64_t end) const {
    const std::string type = entry["dtype"].get<std::string>();
    const auto* stored = std::find_if(std::begin(stored_types), std::end(stored_types),
                                      [&](const StoredType& t) { return type == t.name; });
    if (stored == std::end(stored_types))
      unsupported("'{}' has the type {}, and these are read: {}; save it as one of them, or leave it out", key, type,
                  types_read());
    const Shape shape = read_shape(key, entry);
    const uint64_t bytes = static_cast<uint64_t>(shape.elements()) * stored->bytes;
    if (bytes != end - begin)
      refuse("'{}' of shape {} needs {} bytes but has {}", key, shape.text(), bytes, end - begin);
    return convert(key, bytes_.data() + data_ + begin, shape, *stored);
  }

  Tensor convert(const std::string& key, const char* from, const Shape& shape, const StoredType& stored) const {
    Tensor out = Tensor::empty(shape, {Device::reference, stored.type, Layout::plain});
    const auto count = static_cast<size_t>(shape.elements());
    if (stored.bytes == bytes_of(stored.type)) {
      if (count) std::memcpy(out.raw(), from, count * stored.bytes);
    } else if (stored.type == DType::i32) {
      for (size_t i = 0; i < count; ++i) {
        int64_t value;
        std::memcpy(&value, from + 8 * i, 8);
        out.data<int32_t>()[i] = static_cast<int32_t>(value);
        if (value != out.data<int32_t>()[i])
          unsupported("'{}' holds {}, and whole numbers (I64) are read into 32 bits: save it as F64, or leave it out",
                      key, value);
      }
    } else {
      for (size_t i = 0; i < count; ++i) {
        uint16_t value;
        std::memcpy(&value, from + 2 * i, 2);
        out.data<float>()[i] = stored.name[0] == 'B' ? float{Bf16::of_bits(value)} : from_half(value);
      }
    }
    return out;
  }

  const std::string& bytes_;
  const std::string& name_;
  uint64_t data_ = 0;  // where the numbers begin, in bytes
};

}  // namespace

std::string to_safetensors(const NamedTensors& tensors, const Metadata& metadata) {
  ordered_json header;
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t at = 0;
  std::vector<Tensor> host;
  for (const auto& [name, tensor] : tensors) {
    host.push_back(tensor.to(Layout::plain).to(Device::reference));
    const uint64_t bytes = static_cast<uint64_t>(tensor.size()) * bytes_of(tensor.dtype());
    json shape = json::array();
    for (int i = 0; i < tensor.rank(); ++i) shape.push_back(tensor.dim(i));
    header[name] = {{"dtype", stored_name(tensor.dtype())}, {"shape", shape}, {"data_offsets", {at, at + bytes}}};
    at += bytes;
  }
  std::string text = tensors.empty() && metadata.empty() ? "{}" : header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the numbers start at a multiple of 8 bytes
  const uint64_t length = text.size();
  std::string out(8, '\0');
  std::memcpy(out.data(), &length, 8);
  out += text;
  for (const Tensor& tensor : host)
    out.append(static_cast<const char*>(tensor.raw()), static_cast<size_t>(tensor.size()) * bytes_of(tensor.dtype()));
  return out;
}

SafetensorsFile parse_safetensors(const std::string& bytes, const std::string& name) {
  return Reader(bytes, name).read();
}

SafetensorsFile read_safetensors(const std::filesystem::path& path) {
  std::error_code unknown;
  const auto kind = std::filesystem::status(path, unknown).type();
  using Type = std::filesystem::file_type;  // none: it cannot be known, and opening will fail
  MNEME_CHECK(kind == Type::regular || kind == Type::not_found || kind == Type::none,
              "{} is a folder, a pipe or a device: give a safetensors file", path.string());
  std::ifstream in(path, std::ios::binary);
  MNEME_CHECK(in, "cannot open {}: check the path", path.string());
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  return parse_safetensors(bytes, path.string());
}

}  // namespace mneme
