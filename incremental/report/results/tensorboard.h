#pragma once
// TensorBoard's event files. A file is a series of TFRecords: the length as 8 bytes (little-endian), its masked
// CRC-32C, that many bytes, their masked CRC-32C. Each record is an Event message of TensorFlow's event.proto:
//   1 wall_time: double    2 step: int64    3 file_version: string    5 summary: { 1 value: { 1 tag: string
//                                                                                             2 simple_value: float } }

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace mneme {

/// CRC-32C (Castagnoli, as in RFC 3720 appendix B.4).
std::uint32_t crc32c(std::string_view bytes);
/// As TFRecords store it, so that a checksum over data that holds checksums is not itself weak.
std::uint32_t masked_crc32c(std::string_view bytes);

std::string tf_record(std::string_view data);

/// The record every event file begins with. `wall_time` in seconds since 1970.
std::string first_event(double wall_time);

using Scalar = std::pair<std::string, double>;
/// One event with these values. `tags` are grouped in TensorBoard by what stands before the first '/'.
std::string scalar_event(double wall_time, std::int64_t step, std::span<const Scalar> scalars);

}  // namespace mneme
