// Times a training step, its parts and each operation, and compares them with the peak speed of the machine.
//
//   bench                                  ResNet-32, batch 128, 100 classes
//   bench --teacher --tasks 10             a step of LwF in the tenth task
//   bench --network resnet18 --batch-size 32
//   bench --growth growth.csv              time per image against batch size, classes, tasks and threads
//   bench --images DIR                     decoding and resizing the images of a folder

#include <CLI/CLI.hpp>

#include <cstdio>

#include "apps/bench/growth.h"
#include "apps/bench/print.h"
#include "apps/bench/raw_images.h"
#include "apps/command_line/command_line.h"
#include "apps/common/flags.h"
#include "apps/common/run.h"
#include "apps/terminal/console.h"
#include "data/files/atomic_file.h"
#include "engine/device.h"
#include "engine/precision.h"

namespace {

using namespace mneme;

struct BenchFlags {
  MeasureOptions measure;
  MachineFlags machine;
  std::filesystem::path json, growth, images;
};

void add_bench_flags(CLI::App& app, BenchFlags& f) {
  SessionOptions& s = f.measure.session;
  const char* work = "Work";
  app.add_option("--network", s.network,
                 "resnet20, 32, 44, 56 or 110 for small images; resnet18, 34 or 50 for large ones")
      ->group(work)
      ->capture_default_str();
  app.add_option("--size", s.size, "Side of the images in pixels (0: 32, or 224 for the large ones)")
      ->group(work)
      ->capture_default_str();
  app.add_option("--batch-size", s.batch_size, "Images per step")->group(work)->capture_default_str();
  app.add_option("--classes", s.classes, "Classes, spread over the heads")->group(work)->capture_default_str();
  app.add_option("--tasks", s.tasks, "Heads (default: 1, with --teacher 2)")->group(work);
  app.add_flag("--teacher", s.teacher, "A step of LwF: the old model's answers are distilled")->group(work);
  app.add_flag("--eval", s.evaluation, "Forward in inference mode instead of training")->group(work);
  add_flags(app, f.machine, "Machine");
  const char* measuring = "Measuring";
  app.add_option("--warmup", f.measure.warmup, "Steps before the first that counts")
      ->group(measuring)
      ->capture_default_str();
  app.add_option("--steps", f.measure.steps, "Steps timed")->group(measuring)->capture_default_str();
  app.add_flag("--steps-only", f.measure.steps_only, "Time whole steps, not parts, operations and the machine")
      ->group(measuring);
  app.add_option("--json", f.json, "Write the measurement to this file")->group(measuring);
  app.add_option(
         "--growth", f.growth,
         "Vary batch size, classes, tasks and threads instead; writes this CSV file and a page with charts beside it")
      ->group(measuring);
  app.add_option("--images", f.images, "Decode and resize the images of this folder instead, on one thread")
      ->group(measuring);
}

void run_growth(const BenchFlags& f) {
  const std::string device = machine_text(f.measure.session.device);
  fmt::print("{}\n\n{:<12}{:>8}{:>14}{:>16}\n", device, "varied", "value", "µs per image", "peak MiB");
  const auto points = measure_growth(f.measure, [](const GrowthPoint& p) {
    fmt::print("{:<12}{:>8}{:>13.1f}{:>16}\n", p.varied, p.value, 1e6 * p.seconds_per_image, p.peak_bytes >> 20);
    std::fflush(stdout);
  });
  write_file_atomically(f.growth, csv_of(points));
  const std::filesystem::path page = std::filesystem::path(f.growth).replace_extension(".html");
  write_file_atomically(page, page_of(points, device));
  fmt::print("\n{} and {} written\n", f.growth.string(), page.string());
}

void run_raw_images(const BenchFlags& f) {
  constexpr int64_t imagenet = 1'281'167;
  nlohmann::json times = time_images(f.images);
  times["index"] = time_pack_index(imagenet);
  fmt::print("{}\n", times.dump(2));
  if (!f.json.empty()) write_file_atomically(f.json, times.dump(2) + "\n");
}

void run(BenchFlags& f) {
  if (!f.images.empty()) return run_raw_images(f);
  SessionOptions& session = f.measure.session;
  session.device = choose_machine(f.machine);
  if (!f.growth.empty()) return run_growth(f);
  const Measurement m = measure(f.measure);
  fmt::print("{}", table_of(m));
  if (!f.json.empty()) write_file_atomically(f.json, json_of(m).dump(2) + "\n");
}

int start(const std::vector<std::string>& arguments) {
  CLI::App app("Times a training step, its parts and each operation.", "bench");
  BenchFlags flags;
  add_bench_flags(app, flags);
  if (!parse_arguments(app, arguments)) return 0;
  if (flags.measure.session.teacher && app.count("--tasks") == 0) flags.measure.session.tasks = 2;
  run(flags);
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return mneme::run_program({argv, argv + argc}, "bench", start); }
