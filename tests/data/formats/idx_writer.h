#pragma once
// Writes idx files, plain or packed by gzip.

#include <zlib.h>

#include <string>
#include <vector>

namespace mneme::test {

/// A file of unsigned bytes of this shape.
inline std::string idx_file(const std::vector<size_t>& shape, const std::string& values) {
  std::string file{0, 0, 8, static_cast<char>(shape.size())};
  for (const size_t length : shape)
    for (int shift = 24; shift >= 0; shift -= 8) file.push_back(static_cast<char>(length >> shift));
  return file + values;
}

/// The bytes, packed by gzip.
inline std::string gzipped(const std::string& bytes) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, static_cast<uLong>(bytes.size())) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace mneme::test
