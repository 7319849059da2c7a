#include "data/formats/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "engine/base/error.h"

namespace mneme {
namespace {

constexpr int gzip_only = 16 + MAX_WBITS;  // zlib's way to ask for gzip's header and checksum
constexpr size_t piece = 1 << 20;

/// Unpacks behind the end of `out`, up to `most` bytes in all. Returns zlib's answer.
int unpack_piece(z_stream& stream, std::string& out, size_t most) {
  const size_t before = out.size(), room = std::min(piece, most - before);
  out.resize(before + room);
  stream.next_out = reinterpret_cast<Bytef*>(out.data()) + before;
  stream.avail_out = static_cast<uInt>(room);
  const int state = inflate(&stream, Z_NO_FLUSH);
  out.resize(out.size() - stream.avail_out);
  return state;
}

}  // namespace

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

std::string unpack_gzip(std::string_view packed, std::string_view name, size_t most) {
  MNEME_CHECK(packed.size() <= std::numeric_limits<uInt>::max(), "{}: is packed and larger than 4 GiB; unpack it first",
              name);
  z_stream stream{};
  MNEME_CHECK(inflateInit2(&stream, gzip_only) == Z_OK, "{}: zlib does not start", name);
  const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string out;
  int state = Z_OK;
  while (state == Z_OK && out.size() < most) state = unpack_piece(stream, out, most);
  MNEME_CHECK(state != Z_BUF_ERROR, "{}: ends too early: the packed data is cut off; fetch it again", name);
  MNEME_CHECK(state == Z_OK || state == Z_STREAM_END, "{}: the packed data is damaged ({}); fetch it again", name,
              stream.msg ? stream.msg : "zlib gives no reason");
  MNEME_CHECK(state == Z_OK || stream.avail_in == 0, "{}: {} bytes follow the packed data; fetch it again", name,
              stream.avail_in);
  return out;
}

}  // namespace mneme
