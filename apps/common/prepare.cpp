#include "apps/common/prepare.h"

#include <cstdio>
#include <fstream>

#include "apps/terminal/console.h"
#include "apps/terminal/progress_line.h"
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

/// Bytes free where `out` will be; throws Error if there is no such place.
int64_t room_for(const fs::path& out) {
  std::error_code error;
  const fs::path folder = fs::absolute(out).parent_path();
  const fs::space_info space = fs::space(folder, error);
  MNEME_CHECK(!error, "{}: no such folder; make it first", folder.string());
  return static_cast<int64_t>(space.available);
}

/// What an interrupted preparation has written already.
int64_t written_already(const fs::path& out) {
  std::error_code absent;
  const uintmax_t bytes = fs::file_size(out.string() + ".part", absent);
  return absent ? 0 : static_cast<int64_t>(bytes);
}

void tell(const PrepareReport& report, const fs::path& out) {
  fmt::print("{}: {} pictures to learn from, {} to test with, {}\n", out.string(), report.train, report.test,
             size_text(report.bytes));
  const std::string list = report.bad.list() + report.odd.list();
  if (list.empty()) return;
  for (const Diagnostics* diagnostics : {&report.odd, &report.bad})
    for (const std::string& phrase : diagnostics->phrases()) fmt::print("{}\n", phrase);
  const fs::path file = out.string() + ".files";
  std::ofstream stream(file, std::ios::binary);
  stream << list;
  stream.close();
  MNEME_CHECK(stream, "{}: cannot be written", file.string());
  fmt::print("all of them are listed in {}\n", file.string());
}

}  // namespace

CLI::App* add_prepare(CLI::App& app, const std::string& data_set, PrepareFlags& flags) {
  CLI::App* verb = app.add_subcommand(
      "prepare",
      fmt::format("Decode the pictures of {} once and pack them into one file; can be stopped and gone on with",
                  data_set));
  PrepareOptions& o = flags.options;
  verb->add_option("--data", flags.data, "Folder of the pictures")->required();
  verb->add_option("--out", flags.out, "The pack")->required();
  verb->add_flag("--dry-run,--plan", flags.dry_run, "Only tell the pack's size and the time it takes");
  verb->add_option("--skip-bad", o.skip_bad, "Leave out so many bad files")->check(CLI::NonNegativeNumber);
  verb->add_option("--threads", flags.threads, "Threads that decode; 0: one per core");
  verb->add_option("--short-side", o.short_side, "Pixels of the short side of larger pictures")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  verb->add_flag("--enlarge", o.enlarge, "Bring smaller pictures to that size too");
  verb->add_flag("--scaled-decoding", o.scaled_decoding,
                 "Decode large JPEGs at a part of their size: faster, pixels differ a little");
  verb->add_option("--most-pixels", o.most_pixels, "A picture of more is a bad file")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  return verb;
}

void prepare(const PrepareFlags& flags, const ImageFileSplit& pictures) {
  set_threads(flags.threads);
  pictures.left_out.check(flags.data.string(), flags.options.skip_bad);
  const PrepareEstimate estimate = estimate_pack(pictures, flags.options);
  const int64_t room = room_for(flags.out);
  fmt::print("{} pictures in {} classes; the pack takes about {} ({} are free) and {} on {} threads\n",
             estimate.pictures, pictures.train.class_names.size(), size_text(estimate.bytes), size_text(room),
             duration_text(estimate.seconds), threads());
  if (flags.dry_run) return;
  MNEME_CHECK(fs::exists(flags.out) || estimate.bytes <= room + written_already(flags.out),
              "{}: the disk is too small: about {} are needed and {} free", flags.out.string(),
              size_text(estimate.bytes), size_text(room));
  ProgressLine line(stdout, 0);
  const PrepareReport report = prepare_pack(pictures, flags.out, flags.options, [&](const PrepareProgress& progress) {
    line.show({progress.done, progress.total, progress.begun_with}, size_text(progress.bytes));
  });
  tell(report, flags.out);
}

}  // namespace mneme
