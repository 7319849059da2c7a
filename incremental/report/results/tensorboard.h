#pragma once
// TensorBoard's event files. A file is a sequence of TFRecords: the length as 8 bytes (little-endian), its masked
// CRC-32C, the data, and their masked CRC-32C. The data of each record is an Event message of TensorFlow's event.proto:
//   1 wall_time: double    2 step: int64    3 file_version: string    5 summary: { 1 value: { 1 tag: string
//                                                                                             2 simple_value: float } }

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace mneme {

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4).
std::uint32_t crc32c(std::string_view bytes);
/// The masked checksum of a TFRecord. Masking keeps checksums over data that contains checksums from being weak.
std::uint32_t masked_crc32c(std::string_view bytes);

/// `data` as one TFRecord.
std::string tf_record(std::string_view data);

/// The first record of every event file. `wall_time` is in seconds since 1970.
std::string first_event(double wall_time);

/// A tag and its value.
using Scalar = std::pair<std::string, double>;
/// One event with these values. TensorBoard groups tags by the part before the first '/'.
std::string scalar_event(double wall_time, std::int64_t step, std::span<const Scalar> scalars);

}  // namespace mneme
