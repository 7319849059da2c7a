#include "incremental/experiment/storage/checkpoint.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "data/files/atomic_file.h"
#include "data/files/file_bytes.h"
#include "engine/base/error.h"
#include "tests/data/scratch_folder.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;

constexpr TensorOptions host{Device::reference, DType::f64, Layout::plain};

Checkpoint numbered(int number) {
  Checkpoint c;
  c.values = {{"number", number}, {"rate", 0.1 + 0.2}};
  c.add_group("net", {{"a.weight", Tensor::full({2, 3}, number, host)}, {"b", Tensor::zeros({1}, host)}});
  c.tensors.emplace_back("network", Tensor::zeros({1}, host));  // not a member of the group "net"
  return c;
}

int number_in(const std::optional<Checkpoint>& c) { return c ? c->values["number"].get<int>() : 0; }

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

/// The result of newest() and the lines it reported.
struct Newest {
  std::optional<Checkpoint> found;
  std::vector<std::string> said;
  explicit Newest(CheckpointFolder& folder) {
    found = folder.newest([this](const std::string& line) { said.push_back(line); });
  }
};

TEST_CASE("a checkpoint comes back as it was written, number by number") {
  Checkpoint c = numbered(7);
  c.tensors.emplace_back(
      "odd", Tensor::from(std::vector<double>{1e-300, -0.0, std::numeric_limits<double>::infinity()}, {3}, host));
  const Checkpoint back = parse_checkpoint(to_bytes(c), "it");
  CHECK(back.values == c.values);
  CHECK(back.find("odd").values() == c.find("odd").values());
  CHECK_FALSE(back.find("absent").defined());
  const NamedTensors net = back.group("net");
  REQUIRE(net.size() == 2);
  CHECK(net[0].first == "a.weight");
  CHECK(net[0].second.values() == std::vector<double>(6, 7.0));
  CHECK(to_bytes(back) == to_bytes(c));
}

TEST_CASE("any flipped bit, any cut and any addition is found") {
  const std::string whole = to_bytes(numbered(1));
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    CHECK_THROWS_AS(parse_checkpoint(flipped, "it"), Error);
  }
  for (const size_t size : {size_t{0}, size_t{5}, size_t{81}, size_t{82}, whole.size() / 2, whole.size() - 1})
    CHECK_THROWS_AS(parse_checkpoint(whole.substr(0, size), "it"), Error);
  CHECK(message_of([&] { parse_checkpoint(whole + "x", "it"); }) ==
        "it is damaged: its checksum is not that of its content");
  CHECK(message_of([&] { parse_checkpoint("something else", "it"); }) == "it is not a checkpoint");
}

TEST_CASE("the last two checkpoints are kept, and the newest is found") {
  const ScratchFolder scratch;
  CheckpointFolder folder(scratch / "checkpoints");
  CHECK_FALSE(Newest(folder).found);
  for (int n = 1; n <= 4; ++n) folder.write(numbered(n));
  CHECK(names_in(scratch / "checkpoints") == std::vector<std::string>{"000003.checkpoint", "000004.checkpoint"});
  CheckpointFolder later(scratch / "checkpoints");
  CHECK(number_in(Newest(later).found) == 4);
  later.write(numbered(5));
  CHECK(names_in(scratch / "checkpoints") == std::vector<std::string>{"000004.checkpoint", "000005.checkpoint"});
}

TEST_CASE("a damaged newest checkpoint is passed over with a line, and the good one before it outlives the next") {
  const ScratchFolder scratch;
  CheckpointFolder folder(scratch / "checkpoints");
  for (int n = 1; n <= 2; ++n) folder.write(numbered(n));
  const fs::path newest = scratch / "checkpoints" / "000002.checkpoint";
  const std::string whole = read_file(newest);
  for (const std::string& bytes : {whole.substr(0, whole.size() / 2), std::string(), whole + "x"}) {
    write_file_atomically(newest, bytes);
    const Newest found(folder);
    CHECK(number_in(found.found) == 1);
    REQUIRE(found.said.size() == 1);
    CHECK(found.said[0].starts_with(newest.string() + " is "));
    CHECK(found.said[0].ends_with("; trying the one before"));
  }
  folder.write(numbered(3));
  CHECK(names_in(scratch / "checkpoints") == std::vector<std::string>{"000001.checkpoint", "000003.checkpoint"});
}

TEST_CASE("when no checkpoint is whole, that is an error and nothing is removed") {
  const ScratchFolder scratch;
  CheckpointFolder folder(scratch / "checkpoints");
  for (int n = 1; n <= 2; ++n) {
    folder.write(numbered(n));
    write_file_atomically(scratch / "checkpoints" / fmt::format("{:06}.checkpoint", n), "rubbish");
  }
  CHECK(message_of([&] { Newest found(folder); }) ==
        "no checkpoint in " + (scratch / "checkpoints").string() + " is whole; start again with --overwrite");
  CHECK(names_in(scratch / "checkpoints").size() == 2);
}

TEST_CASE("removing checkpoints leaves other files alone") {
  const ScratchFolder scratch;
  CheckpointFolder folder(scratch / "checkpoints");
  folder.write(numbered(1));
  scratch.write("checkpoints/notes.txt", "mine");
  folder.remove();
  CHECK(names_in(scratch / "checkpoints") == std::vector<std::string>{"notes.txt"});
  fs::remove(scratch / "checkpoints" / "notes.txt");
  folder.write(numbered(1));
  folder.remove();
  CHECK_FALSE(fs::exists(scratch / "checkpoints"));
}

}  // namespace
}  // namespace mneme::test
