#include "data/images/prepare.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "data/files/checksum.h"
#include "data/files/file_bytes.h"
#include "data/files/output_file.h"
#include "data/files/whole_number.h"
#include "data/images/image_decoders.h"
#include "data/images/resize.h"
#include "engine/base/error.h"
#include "engine/base/parallel.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 7> oddities{
    "PNG under a JPEG's name, decoded as PNG",
    "JPEG under a PNG's name, decoded as JPEG",
    "grey, copied to three colours",
    "inks (CMYK), mixed to red, green and blue",
    "turned or mirrored by EXIF, made upright",
    "EXIF orientation without a meaning, left as it is",
    "smaller than the short side, left as it is",
};
enum Oddity : unsigned {
  png_as_jpeg = 1,
  jpeg_as_png = 2,
  grey = 4,
  inks = 8,
  turned = 16,
  no_meaning = 32,
  small = 64
};

/// What became of a file.
struct Outcome {
  int32_t height = 0, width = 0;
  uint32_t crc = 0;
  unsigned odd = 0;
  std::string fault = {};  ///< not empty: it is bad

  uint64_t bytes() const { return PackEntry{.height = height, .width = width}.bytes(); }
};

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

/// Both parts, one behind the other.
class Files {
 public:
  explicit Files(const ImageFileSplit& split) : split_(split) {}
  size_t train() const { return split_.train.labels.size(); }
  size_t size() const { return train() + split_.test.labels.size(); }
  fs::path path(size_t i) const { return i < train() ? split_.train.path(i) : split_.test.path(i - train()); }
  int label(size_t i) const { return i < train() ? split_.train.labels[i] : split_.test.labels[i - train()]; }
  const std::vector<std::string>& class_names() const { return split_.train.class_names; }
  const Diagnostics& left_out() const { return split_.left_out; }

  std::string source(const PrepareOptions& options) const {
    return sha256(fmt::format("{} {} short side {} enlarged {} scaled {} at most {} by libjpeg-turbo {}",
                              ImageFiles(split_.train).fingerprint(), ImageFiles(split_.test).fingerprint(),
                              options.short_side, options.enlarge, options.scaled_decoding, options.most_pixels,
                              has_jpeg_turbo()));
  }

 private:
  const ImageFileSplit& split_;
};

unsigned oddities_of(const ImageHeader& header, const fs::path& file, const PrepareOptions& options) {
  const std::string ending = file.extension().string();
  const bool named_png = ending.size() > 1 && (ending[1] == 'p' || ending[1] == 'P');
  const bool png = header.format == ImageFormat::png;
  unsigned odd = 0;
  if (png && !named_png) odd |= png_as_jpeg;
  if (!png && named_png) odd |= jpeg_as_png;
  if (header.components == 1) odd |= grey;
  if (header.components == 4) odd |= inks;
  if (header.orientation >= 2 && header.orientation <= 8) odd |= turned;
  if (header.orientation < 1 || header.orientation > 8) odd |= no_meaning;
  if (!options.enlarge && std::min(header.height, header.width) < options.short_side) odd |= small;
  return odd;
}

RawImage sized(RawImage picture, const PrepareOptions& options, const std::string& name) {
  const int shorter = std::min(picture.height, picture.width);
  if (shorter == options.short_side || (shorter < options.short_side && !options.enlarge)) return picture;
  const Extent size = with_short_side({picture.height, picture.width}, options.short_side);
  MNEME_CHECK(int64_t{size.height} * size.width <= options.most_pixels, "{}: enlarged to {} x {} pixels, more than {}",
              name, size.width, size.height, options.most_pixels);
  return resized(picture, whole(picture), size.height, size.width);
}

struct Made {
  Outcome outcome;
  RawImage picture;
};

Made make(const fs::path& file, const PrepareOptions& options) {
  const std::string name = file.string();
  try {
    const std::string bytes = read_file(file);
    const DecodeOptions decoding{options.most_pixels, options.scaled_decoding ? options.short_side : 0};
    Made made;
    made.picture = sized(decode_image(bytes, name, decoding), options, name);
    made.outcome.height = made.picture.height;
    made.outcome.width = made.picture.width;
    made.outcome.crc = pack_crc(made.picture);
    made.outcome.odd = oddities_of(read_image_header(bytes, name), file, options);
    return made;
  } catch (const Error& error) {
    Made failed;
    failed.outcome.fault = printable(error.what());
    return failed;
  }
}

std::vector<Made> make_all(const Files& files, const std::vector<size_t>& which, const PrepareOptions& options) {
  std::vector<Made> made(which.size());
  parallel_chunks(static_cast<int64_t>(which.size()), 1, [&](int64_t begin, int64_t end) {
    for (auto k = static_cast<size_t>(begin); k < static_cast<size_t>(end); ++k)
      made[k] = make(files.path(which[k]), options);
  });
  return made;
}

fs::path beside(const fs::path& out, const char* ending) { return out.string() + ending; }

/// What was done with each file so far, kept on disk.
class Journal {
 public:
  Journal(const fs::path& out, const std::string& source)
      : path_(beside(out, ".journal")), file_(path_), head_("mneme prepare " + source + "\n") {
    read();
  }

  const std::vector<Outcome>& outcomes() const { return outcomes_; }
  uint64_t pixel_bytes() const { return pixel_bytes_; }

  /// Forgets the last ones until the pixels of all others fit into `bytes`.
  void keep_to(uint64_t bytes) {
    while (pixel_bytes_ > bytes) {
      pixel_bytes_ -= outcomes_.back().bytes();
      line_bytes_ -= line_of(outcomes_.back()).size();
      outcomes_.pop_back();
    }
    file_.resize(head_.size() + line_bytes_);
  }

  void add(const std::vector<Made>& made) {
    std::string lines;
    for (const Made& one : made) {
      lines += line_of(one.outcome);
      take(one.outcome);
    }
    file_.append(lines);
    file_.sync();
  }

 private:
  void take(const Outcome& outcome) {
    outcomes_.push_back(outcome);
    pixel_bytes_ += outcome.bytes();
    line_bytes_ += line_of(outcome).size();
  }

  void read() {
    std::string text = read_file(path_);
    text.resize(text.rfind('\n') + 1);  // what lacks an end was being written when all stopped
    if (text.empty()) {
      file_.resize(0);
      file_.append(head_);
      return;
    }
    MNEME_CHECK(text.starts_with(head_), "{}: is of other pictures, options or libraries; remove it to begin anew",
                path_.string());
    for_each_line(std::string_view(text).substr(head_.size()), [&](std::string_view line, size_t number) {
      const std::optional<Outcome> outcome = outcome_of(line);
      MNEME_CHECK(outcome && line_of(*outcome).size() == line.size() + 1,
                  "{}: line {} is damaged; remove the file to begin anew", path_.string(), number + 1);
      take(*outcome);
    });
  }

  fs::path path_;
  OutputFile file_;
  std::string head_;
  std::vector<Outcome> outcomes_;
  uint64_t pixel_bytes_ = 0, line_bytes_ = 0;
};

PrepareReport report_of(const Files& files, const std::vector<Outcome>& outcomes) {
  PrepareReport report{.bad = files.left_out()};
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (!outcomes[i].fault.empty()) {
      report.bad.add_file("bad file", outcomes[i].fault);
      continue;
    }
    ++(i < files.train() ? report.train : report.test);
    for (size_t bit = 0; bit < oddities.size(); ++bit)
      if (outcomes[i].odd >> bit & 1) report.odd.add_file(oddities[bit], files.path(i).string());
  }
  return report;
}

PackIndex index_of(const Files& files, const std::vector<Outcome>& outcomes, const std::string& source) {
  PackIndex index{.source = source, .class_names = files.class_names(), .train = {}, .test = {}};
  uint64_t offset = pack_header_bytes;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    const Outcome& one = outcomes[i];
    if (!one.fault.empty()) continue;
    (i < files.train() ? index.train : index.test).push_back({offset, one.height, one.width, files.label(i), one.crc});
    offset += one.bytes();
  }
  return index;
}

/// Decodes what the journal has not yet, a few at a time: first the pixels go to the disk, then the lines about them.
void pack_rest(const Files& files, Journal& journal, OutputFile& part, const PrepareOptions& options,
               const std::function<void(const PrepareProgress&)>& progress) {
  constexpr size_t at_a_time = 64;
  const size_t before = journal.outcomes().size();
  while (journal.outcomes().size() < files.size()) {
    std::vector<size_t> next;
    for (size_t i = journal.outcomes().size(); i < files.size() && next.size() < at_a_time; ++i) next.push_back(i);
    const std::vector<Made> made = make_all(files, next, options);
    for (const Made& one : made)
      part.append({reinterpret_cast<const char*>(one.picture.pixels.data()), one.picture.pixels.size()});
    part.sync();
    journal.add(made);
    if (progress)
      progress({static_cast<int64_t>(journal.outcomes().size()), static_cast<int64_t>(files.size()),
                static_cast<int64_t>(before), static_cast<int64_t>(journal.pixel_bytes())});
  }
}

/// Turns the pixels of all pictures into a pack of that name.
void complete(const PackIndex& index, OutputFile& part, const fs::path& out) {
  const std::string bytes = pack_index_bytes(index);
  const uint64_t offset = part.size();
  part.append(bytes);
  part.overwrite(pack_header(bytes, offset), 0);
  part.sync();
  std::error_code error;
  fs::rename(beside(out, ".part"), out, error);
  MNEME_CHECK(!error, "{}: cannot be named {} ({})", beside(out, ".part").string(), out.string(), error.message());
}

/// A pack that was completed before.
PrepareReport report_again(const Files& files, const fs::path& out, const std::string& source) {
  const PackedSplit pack = open_pack(out);
  MNEME_CHECK(pack.source == source,
              "{}: is a pack of other pictures, options or libraries; remove it or choose another name", out.string());
  const Journal journal(out, source);
  PrepareReport report = report_of(files, journal.outcomes());
  report.train = pack.train->size();
  report.test = pack.test->size();
  return report;
}

}  // namespace

PrepareReport prepare_pack(const ImageFileSplit& pictures, const fs::path& out, const PrepareOptions& options,
                           const std::function<void(const PrepareProgress&)>& progress) {
  MNEME_CHECK(options.short_side > 0, "pictures cannot have a short side of {}", options.short_side);
  const Files files(pictures);
  const std::string source = files.source(options);
  PrepareReport report;
  if (fs::exists(out)) {
    report = report_again(files, out, source);
  } else {
    OutputFile part(beside(out, ".part"));
    Journal journal(out, source);
    const uint64_t stored = std::max<uint64_t>(part.size(), pack_header_bytes) - pack_header_bytes;
    MNEME_CHECK(journal.outcomes().size() <= files.size(), "{}: its journal tells of more pictures than there are",
                out.string());
    journal.keep_to(stored);
    part.resize(pack_header_bytes + journal.pixel_bytes());
    pack_rest(files, journal, part, options, progress);
    report = report_of(files, journal.outcomes());
    report.bad.check(out.string(), options.skip_bad);
    complete(index_of(files, journal.outcomes(), source), part, out);
  }
  report.bytes = static_cast<int64_t>(fs::file_size(out));
  return report;
}

PrepareEstimate estimate_pack(const ImageFileSplit& pictures, const PrepareOptions& options, int64_t sample) {
  const Files files(pictures);
  const size_t count = std::min(files.size(), static_cast<size_t>(sample));
  std::vector<size_t> chosen;
  for (size_t k = 0; k < count; ++k) chosen.push_back(k * files.size() / count);
  const auto start = std::chrono::steady_clock::now();
  uint64_t bytes = 0;
  for (const Made& made : make_all(files, chosen, options)) bytes += made.outcome.bytes();
  const double taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double share = count == 0 ? 0 : static_cast<double>(files.size()) / static_cast<double>(count);
  const auto index = static_cast<double>(files.size() * sizeof(PackEntry) + pack_header_bytes);
  return {static_cast<int64_t>(files.size()), static_cast<int64_t>(static_cast<double>(bytes) * share + index),
          taken * share};
}

}  // namespace mneme
