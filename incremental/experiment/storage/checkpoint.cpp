#include "incremental/experiment/storage/checkpoint.h"

#include <algorithm>
#include <regex>
#include <vector>

#include "data/files/atomic_file.h"
#include "data/files/checksum.h"
#include "data/files/file_bytes.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view first_word = "mneme checkpoint ";
constexpr size_t digits = 64, head_size = first_word.size() + digits + 1;

/// The checkpoints of a folder with their numbers, oldest first.
std::vector<std::pair<int, fs::path>> numbered(const fs::path& folder) {
  static const std::regex name(R"((\d{6,9})\.checkpoint)");
  std::vector<std::pair<int, fs::path>> found;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder, absent)) {
    std::smatch match;
    const std::string file = entry.path().filename().string();
    if (std::regex_match(file, match, name)) found.emplace_back(std::stoi(match[1]), entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

NamedTensors Checkpoint::group(const std::string& group) const {
  NamedTensors members;
  for (const auto& [name, tensor] : tensors)
    if (name.starts_with(group + ".")) members.emplace_back(name.substr(group.size() + 1), tensor);
  return members;
}

void Checkpoint::add_group(const std::string& group, const NamedTensors& members) {
  for (const auto& [name, tensor] : members) tensors.emplace_back(group + "." + name, tensor);
}

void Checkpoint::add_integers(const std::string& name, const std::vector<int>& numbers, const Shape& shape) {
  tensors.emplace_back(name, Tensor::from(numbers, shape, Device::reference));
}

void Checkpoint::add_reals(const std::string& name, const std::vector<double>& numbers) {
  const TensorOptions on_host{Device::reference, DType::f64, Layout::plain};
  tensors.emplace_back(name, Tensor::from(numbers, {std::ssize(numbers)}, on_host));
}

Tensor Checkpoint::find(const std::string& name) const {
  const auto found = std::ranges::find(tensors, name, &NamedTensors::value_type::first);
  return found == tensors.end() ? Tensor() : found->second;
}

std::string to_bytes(const Checkpoint& checkpoint) {
  const std::string body = to_safetensors(checkpoint.tensors, {{"values", checkpoint.values.dump()}});
  return fmt::format("{}{}\n", first_word, sha256(body)) + body;
}

Checkpoint parse_checkpoint(const std::string& bytes, const std::string& name) {
  MNEME_CHECK(bytes.starts_with(first_word) && bytes.size() > head_size && bytes[head_size - 1] == '\n',
              "{} is not a checkpoint", name);
  const std::string body = bytes.substr(head_size);
  MNEME_CHECK(bytes.compare(first_word.size(), digits, sha256(body)) == 0,
              "{} is damaged: its checksum is not that of its content", name);
  SafetensorsFile file = parse_safetensors(body, name);
  Checkpoint checkpoint{json::parse(file.metadata["values"], nullptr, false), std::move(file.tensors)};
  MNEME_CHECK(checkpoint.values.is_object(), "{} holds no values", name);
  return checkpoint;
}

void CheckpointFolder::write(const Checkpoint& checkpoint) {
  std::error_code error;
  // The run's own folder is not created here: if it has vanished, the run must report that.
  fs::create_directory(path_, error);
  MNEME_CHECK(!error, "cannot write {}: {}", path_.string(), error.message());
  const auto before = numbered(path_);
  const int number = before.empty() ? 1 : before.back().first + 1;
  write_file_atomically(path_ / fmt::format("{:06}.checkpoint", number), to_bytes(checkpoint));
  for (const auto& [earlier, file] : before)
    if (earlier != known_good_) fs::remove(file, error);
  known_good_ = number;
}

std::optional<Checkpoint> CheckpointFolder::newest(const std::function<void(const std::string&)>& say) {
  auto files = numbered(path_);
  if (files.empty()) return {};
  for (; !files.empty(); files.pop_back()) try {
      const auto& [number, file] = files.back();
      Checkpoint checkpoint = parse_checkpoint(read_file(file), file.string());
      known_good_ = number;
      return checkpoint;
    } catch (const Error& error) {
      say(fmt::format("{}; {}", error.what(), files.size() > 1 ? "trying the one before" : "it was the last"));
    }
  fail("no checkpoint in {} is whole; start again with --overwrite", path_.string());
}

bool CheckpointFolder::any() const { return !numbered(path_).empty(); }

void CheckpointFolder::remove() const {
  std::error_code ignored;
  for (const auto& [number, file] : numbered(path_)) fs::remove(file, ignored);
  fs::remove(path_, ignored);
}

}  // namespace mneme
