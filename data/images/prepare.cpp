#include "data/images/prepare.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <utility>

#include "data/files/checksum.h"
#include "data/files/file_bytes.h"
#include "data/files/output_file.h"
#include "data/images/image_check.h"
#include "data/images/image_decoders.h"
#include "data/images/prepare_journal.h"
#include "data/images/resize.h"
#include "engine/base/error.h"
#include "engine/base/parallel.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

/// The first bytes of an unfinished pack, in place of the header.
constexpr std::string_view part_mark = "mneme pictures, not complete yet\n";

constexpr std::array<const char*, 9> oddities{
    "PNG under a JPEG's name, decoded as PNG",
    "JPEG under a PNG's name, decoded as JPEG",
    "grey, copied to three colours",
    "inks (CMYK), mixed to red, green and blue",
    "turned or mirrored by EXIF, made upright",
    "EXIF orientation without a meaning, left as it is",
    "smaller than the short side, left as it is",
    "damaged inside, as the decoder says: a part of it may be wrong",
    "JPEG without the mark of its end, all pixels are there",
};
enum Oddity : unsigned {
  png_as_jpeg = 1,
  jpeg_as_png = 2,
  grey = 4,
  inks = 8,
  turned = 16,
  no_meaning = 32,
  small = 64,
  damaged_inside = 128,
  no_end = 256
};
/// The oddities that concern the data and not only the kind of file. The results of a run mention them.
constexpr unsigned worth_a_remark = damaged_inside | no_end;

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

unsigned oddities_of(const ImageHeader& header, DecodeRemark remark, const fs::path& file,
                     const PrepareOptions& options) {
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
  if (remark == DecodeRemark::damaged) odd |= damaged_inside;
  if (remark == DecodeRemark::no_end) odd |= no_end;
  return odd;
}

RawImage sized(RawImage image, const PrepareOptions& options, const std::string& name) {
  const int shorter = std::min(image.height, image.width);
  if (shorter == options.short_side || (shorter < options.short_side && !options.enlarge)) return image;
  const Extent size = with_short_side({image.height, image.width}, options.short_side);
  MNEME_CHECK(int64_t{size.height} * size.width <= options.most_pixels, "{}: enlarged to {} x {} pixels, more than {}",
              name, size.width, size.height, options.most_pixels);
  return resized(image, whole(image), size.height, size.width);
}

struct Made {
  Outcome outcome;
  RawImage image;
};

Made make(const fs::path& file, const PrepareOptions& options) {
  const std::string name = file.string();
  try {
    const std::string bytes = read_file(file);
    const DecodeOptions decoding{options.most_pixels, options.scaled_decoding ? options.short_side : 0};
    Made made;
    RawImage decoded = decode_image(bytes, name, decoding);
    made.outcome.odd = oddities_of(read_image_header(bytes, name), decoded.remark, file, options);
    made.image = sized(std::move(decoded), options, name);
    made.outcome.height = made.image.height;
    made.outcome.width = made.image.width;
    made.outcome.crc = pack_crc(made.image);
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

/// How many outcomes from the first on have their pixels in `part` as they were written.
size_t count_sound(const fs::path& part, const std::vector<Outcome>& outcomes) {
  const InputFile file(part);
  std::vector<PackEntry> entries;
  uint64_t offset = pack_header_bytes;
  for (const Outcome& one : outcomes) {
    entries.push_back({offset, one.height, one.width, 0, one.crc});
    offset += one.bytes();
  }
  std::atomic<size_t> sound = outcomes.size();
  parallel_chunks(static_cast<int64_t>(entries.size()), 1, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end) && i < sound; ++i) {
      if (!outcomes[i].fault.empty() || has_pack_pixels(file, entries[i])) continue;
      for (size_t known = sound; i < known && !sound.compare_exchange_weak(known, i);) {
      }
    }
  });
  return sound;
}

/// Makes the unfinished pack and its journal agree: what the disk has lost or damaged is done again.
void go_on(const Files& files, Journal& journal, OutputFile& part, const fs::path& out) {
  const std::string begin = part.read(0, part_mark.size());
  const bool own = begin.empty() || journal.was_there() || begin.starts_with(part_mark.substr(0, begin.size())) ||
                   begin.starts_with(pack_magic.substr(0, std::min(pack_magic.size(), begin.size())));
  MNEME_CHECK(own, "{}: is there already and was not written by `prepare`; move it away, or give another --out",
              beside(out, ".part").string());
  MNEME_CHECK(journal.outcomes().size() <= files.size(), "{}: its journal tells of more images than there are",
              out.string());
  const uint64_t stored = std::max<uint64_t>(part.size(), pack_header_bytes) - pack_header_bytes;
  journal.keep(stored, files.size());
  journal.keep(stored, count_sound(beside(out, ".part"), journal.outcomes()));
  part.resize(pack_header_bytes + journal.pixel_bytes());
  part.overwrite(part_mark, 0);
}

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

/// The remarks for a run that uses the pack: which images were left out, and which ones may be wrong.
std::vector<std::string> remarks_of(const Files& files, const std::vector<Outcome>& outcomes,
                                    const PrepareReport& report) {
  Diagnostics doubtful;
  for (size_t i = 0; i < outcomes.size(); ++i)
    for (size_t bit = 0; bit < oddities.size(); ++bit)
      if ((outcomes[i].odd & worth_a_remark) >> bit & 1) doubtful.add_remark(oddities[bit], files.path(i).string());
  std::vector<std::string> remarks;
  for (const std::string& left_out : report.bad.phrases()) remarks.push_back("left out: " + left_out);
  for (const Diagnostics* each : {&report.bad, static_cast<const Diagnostics*>(&doubtful)})
    for (std::string& remark : each->remarks()) remarks.push_back(std::move(remark));
  return remarks;
}

PackIndex index_of(const Files& files, const std::vector<Outcome>& outcomes, const std::string& source,
                   const PrepareReport& report) {
  PackIndex index{.source = source, .class_names = files.class_names(), .train = {}, .test = {}};
  index.remarks = remarks_of(files, outcomes, report);
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
      part.append({reinterpret_cast<const char*>(one.image.pixels.data()), one.image.pixels.size()});
    part.sync();
    std::vector<Outcome> outcomes;
    for (const Made& one : made) outcomes.push_back(one.outcome);
    journal.add(outcomes);
    if (progress)
      progress({static_cast<int64_t>(journal.outcomes().size()), static_cast<int64_t>(files.size()),
                static_cast<int64_t>(before), static_cast<int64_t>(journal.pixel_bytes())});
  }
}

/// Turns the pixels of all images into a pack of that name.
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
              "{}: is a pack of other images, options or libraries; remove it or choose another name", out.string());
  const Journal journal(out, source);
  PrepareReport report = report_of(files, journal.outcomes());
  report.train = pack.train->size();
  report.test = pack.test->size();
  return report;
}

}  // namespace

PrepareReport prepare_pack(const ImageFileSplit& images, const fs::path& out, const PrepareOptions& options,
                           const std::function<void(const PrepareProgress&)>& progress) {
  MNEME_CHECK(options.short_side > 0, "images cannot have a short side of {}", options.short_side);
  const Files files(images);
  const std::string source = files.source(options);
  PrepareReport report;
  if (fs::exists(out)) {
    report = report_again(files, out, source);
  } else {
    OutputFile part(beside(out, ".part"));
    Journal journal(out, source);
    go_on(files, journal, part, out);
    pack_rest(files, journal, part, options, progress);
    report = report_of(files, journal.outcomes());
    report.bad.check(out.string(), options.skip_bad);
    complete(index_of(files, journal.outcomes(), source, report), part, out);
  }
  report.bytes = static_cast<int64_t>(fs::file_size(out));
  return report;
}

Diagnostics verify_pack(const fs::path& out, const std::function<void(int64_t done, int64_t total)>& progress) {
  const PackedSplit pack = open_pack(out);
  Diagnostics damaged;
  const int64_t total = int64_t{pack.train->size()} + pack.test->size();
  for (const auto& part : {pack.train, pack.test}) {
    const int64_t before = part == pack.train ? 0 : pack.train->size();
    const auto tell = [&](int done) {
      if (progress) progress(before + done, total);
    };
    for (const BadImage& bad : check_images(*part, tell).bad) damaged.add_file("damaged image", bad.why);
  }
  return damaged;
}

PrepareEstimate estimate_pack(const ImageFileSplit& images, const PrepareOptions& options, int64_t sample) {
  const Files files(images);
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
