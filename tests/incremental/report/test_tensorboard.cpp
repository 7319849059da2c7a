#include "incremental/report/results/tensorboard.h"

#include <doctest/doctest.h>

#include <bit>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "data/files/file_bytes.h"
#include "tests/support/paths.h"

using namespace mneme;

namespace {

/// Reads values from the front of a byte string, as the format defines them.
struct Bytes {
  std::string_view rest;
  std::string_view take(size_t n) {
    REQUIRE(rest.size() >= n);
    const std::string_view taken = rest.substr(0, n);
    rest.remove_prefix(n);
    return taken;
  }
  template <class T>
  T fixed() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= std::uint64_t{byte & 127u} << shift;
      if (byte < 128) return value;
    }
  }
};

/// The data of each record, after checking its checksums.
std::vector<std::string> records_in(const std::string& file) {
  std::vector<std::string> records;
  for (Bytes in{file}; !in.rest.empty();) {
    const std::string_view length = in.take(8);
    CHECK(in.fixed<std::uint32_t>() == masked_crc32c(length));
    const std::string_view data = in.take(Bytes{length}.fixed<std::uint64_t>());
    CHECK(in.fixed<std::uint32_t>() == masked_crc32c(data));
    records.emplace_back(data);
  }
  return records;
}

struct Event {
  double wall_time = 0;
  std::uint64_t step = 0;
  std::string version;
  std::vector<std::pair<std::string, float>> scalars;
};

std::pair<std::string, float> scalar_in(std::string_view message) {
  std::pair<std::string, float> scalar;
  for (Bytes in{message}; !in.rest.empty();) switch (in.varint()) {
      case 1 << 3 | 2: scalar.first = in.take(in.varint()); break;
      case 2 << 3 | 5: scalar.second = in.fixed<float>(); break;
      default: FAIL("unknown field of a value");
    }
  return scalar;
}

Event event_in(const std::string& record) {
  Event event;
  for (Bytes in{record}; !in.rest.empty();) switch (in.varint()) {
      case 1 << 3 | 1: event.wall_time = in.fixed<double>(); break;
      case 2 << 3 | 0: event.step = in.varint(); break;
      case 3 << 3 | 2: event.version = in.take(in.varint()); break;
      case 5 << 3 | 2:
        for (Bytes summary{in.take(in.varint())}; !summary.rest.empty();) {
          REQUIRE(summary.varint() == (1 << 3 | 2));
          event.scalars.push_back(scalar_in(summary.take(summary.varint())));
        }
        break;
      default: FAIL("unknown field of an event");
    }
  return event;
}

}  // namespace

TEST_CASE("CRC-32C of RFC 3720's examples and of \"123456789\"") {
  std::string ascending, descending;
  for (int i = 0; i < 32; ++i) ascending += static_cast<char>(i), descending += static_cast<char>(31 - i);
  CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aa);
  CHECK(crc32c(std::string(32, '\xff')) == 0x62a8ab43);
  CHECK(crc32c(ascending) == 0x46dd794e);
  CHECK(crc32c(descending) == 0x113fdb5c);
  CHECK(crc32c("123456789") == 0xe3069283);
  CHECK(crc32c("") == 0);
}

TEST_CASE("an event file read back by its definition holds times, steps, tags and values") {
  const std::vector<Scalar> both = {{"train/loss", 0.25}, {"train/learning_rate", 1e-3}}, one = {{"a", -1}};
  const std::string file = first_event(1234.5) + scalar_event(1235, 1, both) + scalar_event(1236, 300, one);
  const std::vector<std::string> records = records_in(file);
  REQUIRE(records.size() == 3);
  CHECK(event_in(records[0]).version == "brain.Event:2");
  CHECK(event_in(records[0]).wall_time == 1234.5);
  const Event second = event_in(records[1]), third = event_in(records[2]);
  CHECK(second.step == 1);
  CHECK(second.scalars ==
        std::vector<std::pair<std::string, float>>{{"train/loss", 0.25f}, {"train/learning_rate", 1e-3f}});
  CHECK(third.step == 300);
  CHECK(third.wall_time == 1236);
  CHECK(third.scalars == std::vector<std::pair<std::string, float>>{{"a", -1.0f}});
}

TEST_CASE("an event file is, byte for byte, what TensorBoard's own writer makes of the same events") {
  const std::vector<Scalar> two = {{"train/loss", 0.25}, {"train/learning_rate", 1e-3}}, one = {{"a", -1}},
                            odd = {{"validation/accuracy", 0.1}, {"loss", std::numeric_limits<double>::infinity()}};
  CHECK(first_event(1234.5) + scalar_event(1235, 1, two) + scalar_event(1236, 300, one) +
            scalar_event(1700000000.125, 5000000000, odd) ==
        read_file(test::golden_path("events.tfevents")));
}
