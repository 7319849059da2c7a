#include "data/images/prepare_journal.h"

#include <algorithm>
#include <array>

#include "data/files/file_bytes.h"
#include "data/files/whole_number.h"
#include "data/images/image_pack.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

constexpr std::string_view mark = "mneme prepare ";

std::string line_of(const Outcome& outcome) {
  if (!outcome.fault.empty()) return fmt::format("bad {}\n", outcome.fault);
  return fmt::format("{} {} {} {}\n", outcome.height, outcome.width, outcome.crc, outcome.odd);
}

std::optional<Outcome> outcome_of(std::string_view line) {
  if (line.starts_with("bad ")) return Outcome{.fault = std::string(line.substr(4))};
  std::array<uint32_t, 4> numbers{};
  for (uint32_t& number : numbers) {
    const size_t end = std::min(line.find(' '), line.size());
    const auto read = whole_number<uint32_t>(line.substr(0, end));
    if (!read) return {};
    number = *read;
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  if (std::max(numbers[0], numbers[1]) >= 1 << 20) return {};
  return Outcome{static_cast<int32_t>(numbers[0]), static_cast<int32_t>(numbers[1]), numbers[2], numbers[3]};
}

}  // namespace

uint64_t Outcome::bytes() const { return PackEntry{.height = height, .width = width}.bytes(); }

Journal::Journal(const std::filesystem::path& out, const std::string& source)
    : path_(out.string() + ".journal"), file_(path_), head_(fmt::format("{}{}\n", mark, source)) {
  read();
}

void Journal::keep(uint64_t bytes, size_t count) {
  while (pixel_bytes_ > bytes || outcomes_.size() > count) {
    pixel_bytes_ -= outcomes_.back().bytes();
    line_bytes_ -= line_of(outcomes_.back()).size();
    outcomes_.pop_back();
  }
  file_.resize(head_.size() + line_bytes_);
}

void Journal::add(const std::vector<Outcome>& outcomes) {
  std::string lines;
  for (const Outcome& outcome : outcomes) {
    lines += line_of(outcome);
    take(outcome);
  }
  file_.append(lines);
  file_.sync();
}

void Journal::take(const Outcome& outcome) {
  outcomes_.push_back(outcome);
  pixel_bytes_ += outcome.bytes();
  line_bytes_ += line_of(outcome).size();
}

void Journal::read() {
  std::string text = read_file(path_);
  const bool own = text.starts_with(mark.substr(0, std::min(mark.size(), text.size())));
  MNEME_CHECK(own, "{}: is there already and was not written by `prepare`; move it away, or give another --out",
              path_.string());
  text.resize(text.rfind('\n') + 1);  // what lacks an end was being written when all stopped
  if (text.empty()) {
    file_.resize(0);
    file_.append(head_);
    return;
  }
  MNEME_CHECK(text.starts_with(head_), "{}: is of other images, options or libraries; remove it to begin anew",
              path_.string());
  was_there_ = true;
  std::string_view rest = std::string_view(text).substr(head_.size());
  for (size_t number = 2; !rest.empty(); ++number) {
    const size_t end = rest.find('\n');
    const std::optional<Outcome> outcome = outcome_of(rest.substr(0, end));
    MNEME_CHECK(outcome && line_of(*outcome).size() == end + 1, "{}: line {} is damaged; remove the file to begin anew",
                path_.string(), number);
    take(*outcome);
    rest.remove_prefix(end + 1);
  }
}

}  // namespace mneme
