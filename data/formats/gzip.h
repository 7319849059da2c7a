#pragma once
// Files that gzip packed, in memory (RFC 1952).

#include <cstddef>
#include <string>
#include <string_view>

namespace mneme {

/// Whether a file that begins with `bytes` was packed by gzip.
bool is_gzip(std::string_view bytes);

/// The first `most` bytes of what `packed` holds, or all of it if that is less. Checksum and length are verified only
/// if the end is reached. Throws Error, beginning with `name`, if the data is cut off or damaged, or goes on behind its
/// end.
std::string unpack_gzip(std::string_view packed, std::string_view name, size_t most);

}  // namespace mneme
