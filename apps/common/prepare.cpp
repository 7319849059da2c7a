#include "apps/common/prepare.h"

#include <CLI/CLI.hpp>

#include <cstdio>

#include "apps/terminal/console.h"
#include "apps/terminal/process.h"
#include "apps/terminal/progress_line.h"
#include "data/files/atomic_file.h"
#include "data/files/file_bytes.h"
#include "engine/base/counted.h"
#include "engine/base/error.h"
#include "engine/base/parallel.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

std::string size_text(int64_t bytes) {
  constexpr double mega = 1e6, giga = 1e9;
  const auto b = static_cast<double>(bytes);
  return b >= giga ? fmt::format("{:.1f} GB", b / giga) : fmt::format("{:.1f} MB", b / mega);
}

/// The free bytes on the disk of `out`. Throws Error if the folder of `out` does not exist.
int64_t room_for(const fs::path& out) {
  std::error_code error;
  const fs::path folder = fs::absolute(out).parent_path();
  const fs::space_info space = fs::space(folder, error);
  MNEME_CHECK(!error, "{}: no such folder; make it first", folder.string());
  return static_cast<int64_t>(space.available);
}

/// The bytes that an interrupted preparation has already written.
int64_t written_already(const fs::path& out) {
  std::error_code absent;
  const uintmax_t bytes = fs::file_size(out.string() + ".part", absent);
  return absent ? 0 : static_cast<int64_t>(bytes);
}

fs::path files_list(const fs::path& out) { return out.string() + ".files"; }

/// The first line of the list of doubtful and unreadable files. A file that begins with it was written by `prepare` and
/// may be replaced.
constexpr std::string_view list_mark = "# Written by the verb `prepare`, which may replace this file.\n";

void check_replaceable(const fs::path& file) {
  std::error_code ignored;
  const fs::file_status status = fs::symlink_status(file, ignored);
  if (!fs::exists(status)) return;
  const bool own = fs::is_regular_file(status) && read_file(file).starts_with(list_mark);
  MNEME_CHECK(own, "{}: is there already and was not written by `prepare`; move it away, or give another --out",
              file.string());
}

void tell(const PrepareReport& report, const fs::path& out) {
  fmt::print("{}: {} images to learn from, {} to test with, {}\n", out.string(), report.train, report.test,
             size_text(report.bytes));
  for (const Diagnostics* diagnostics : {&report.odd, &report.bad})
    for (const auto& phrases : {diagnostics->phrases(), diagnostics->remarks()})
      for (const std::string& phrase : phrases) fmt::print("{}\n", phrase);
  const fs::path file = files_list(out);
  const std::string list = report.bad.list() + report.odd.list();
  std::error_code ignored;
  if (list.empty()) {
    fs::remove(file, ignored);  // an earlier preparation may have left one
    return;
  }
  write_file_atomically(file, std::string(list_mark) + list);
  fmt::print("all of them are listed in {}\n", file.string());
}

/// Reads every image of the pack and compares its checksum with the stored one.
void verify(const fs::path& out) {
  ProgressLine line(stdout, 0);
  const Diagnostics damaged = verify_pack(out, [&](int64_t done, int64_t total) {
    line.show({done, total}, "compared with their checksums");
  });
  MNEME_CHECK(damaged.empty(), "{}: {}; remove the pack and prepare it again", out.string(), damaged.text());
  fmt::print("{}: every image has the right checksum\n", out.string());
}

}  // namespace

CLI::App* add_prepare(CLI::App& app, const std::string& data_set, PrepareFlags& flags) {
  CLI::App* verb = app.add_subcommand(
      "prepare",
      fmt::format("Decode the images of {} once and pack them into one file; can be stopped and gone on with",
                  data_set));
  PrepareOptions& o = flags.options;
  verb->add_option("--data", flags.data, "Folder of the images (may be left out with --verify)");
  verb->add_option("--out", flags.out, "The pack")->required();
  verb->add_flag("--dry-run,--plan", flags.dry_run, "Only tell the pack's size and the time it takes");
  verb->add_flag("--verify", flags.verify, "Compare every image of the pack with its checksum");
  verb->add_option("--skip-bad", o.skip_bad, "Leave out so many bad files")->check(CLI::NonNegativeNumber);
  verb->add_option("--threads", flags.threads, "Threads that decode; 0: one per core");
  verb->add_option("--short-side", o.short_side, "Pixels of the short side of larger images")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  verb->add_flag("--enlarge", o.enlarge, "Bring smaller images to that size too");
  verb->add_flag("--scaled-decoding", o.scaled_decoding,
                 "Decode large JPEGs at a part of their size: faster, pixels differ a little");
  verb->add_option("--most-pixels", o.most_pixels, "An image of more is a bad file")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  return verb;
}

bool needs_images(const PrepareFlags& flags) {
  if (flags.data.empty() && !flags.verify)
    fail_usage("prepare: give --data, the folder of the images (--help shows all flags)");
  if (flags.dry_run && flags.verify) fail_usage("prepare: --dry-run and --verify exclude each other: give one");
  return !flags.data.empty();
}

void prepare(const PrepareFlags& flags, const ImageFileSplit& images) {
  use_threads(flags.threads, "prepare");
  if (!needs_images(flags)) return verify(flags.out);
  images.left_out.check(flags.data.string(), flags.options.skip_bad);
  check_replaceable(files_list(flags.out));
  const PrepareEstimate estimate = estimate_pack(images, flags.options);
  const int64_t room = room_for(flags.out);
  fmt::print("{} in {}; the pack takes about {} ({} are free) and {} on {}\n", counted(estimate.images, "image"),
             counted(images.train.class_names.size(), "class"), size_text(estimate.bytes), size_text(room),
             duration_text(estimate.seconds), counted(threads(), "thread"));
  if (flags.dry_run) {
    for (const auto& phrases : {images.left_out.phrases(), images.left_out.remarks()})
      for (const std::string& phrase : phrases) fmt::print("{}\n", phrase);
    return;
  }
  MNEME_CHECK(fs::exists(flags.out) || estimate.bytes <= room + written_already(flags.out),
              "{}: the disk is too small: about {} are needed and {} free", flags.out.string(),
              size_text(estimate.bytes), size_text(room));
  PrepareReport report;
  {
    ProgressLine line(stdout, 0);
    report = prepare_pack(images, flags.out, flags.options, [&](const PrepareProgress& progress) {
      line.show({progress.done, progress.total, progress.begun_with}, size_text(progress.bytes));
    });
  }
  tell(report, flags.out);
  if (flags.verify) verify(flags.out);
}

}  // namespace mneme
