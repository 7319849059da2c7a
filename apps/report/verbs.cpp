#include "apps/report/verbs.h"

#include <CLI/CLI.hpp>

#include <cstdio>

#include "data/files/atomic_file.h"
#include "engine/base/error.h"
#include "incremental/report/charts/colours.h"

namespace mneme {

void add_run_flags(CLI::App& verb, RunFlags& flags, bool compares) {
  verb.add_option("RUN", flags.runs,
                  "Runs: their folders, folders that contain runs or seeds, or patterns such as 'runs/lwf*'")
      ->required();
  if (compares)
    verb.add_flag("--mixed,--allow-different", flags.mixed,
                  "Show even runs of different protocols or data, each setting by itself");
}

std::vector<RunGroup> groups_of(const RunFlags& flags, Reading reading) {
  std::vector<NamedRun> runs = runs_in(flags.runs, reading);
  if (!flags.mixed) check_comparable(runs);
  return grouped(std::move(runs));
}

void write_or_print(const std::string& file, const std::string& content) {
  if (file.empty() || file == "-") {
    fmt::print("{}", content);
    return;
  }
  write_file_atomically(file, content);
  fmt::print("{}\n", file);
}

void add_figure_flags(CLI::App& verb, FigureFlags& flags, const std::string& usual_file) {
  const std::string group = "Figure";
  flags.out = usual_file;
  verb.add_option("--out", flags.out, "File to write; .svg, .pdf or .png chooses the format")
      ->capture_default_str()
      ->group(group);
  verb.add_option("--width", flags.style.width,
                  "Width in millimetres; 84 is a column of many journals (default: large)")
      ->check(CLI::Range(10.0, 2000.0))
      ->group(group);
  verb.add_option("--font-size", flags.style.font_size, "Size of the numbers at the axes in points (8 with --width)")
      ->check(CLI::Range(1.0, 100.0))
      ->group(group);
  std::string names;
  for (const Palette& palette : palettes())
    names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", palette.name, palette.summary);
  verb.add_option("--palette", flags.style.palette, "Colours: " + names)->capture_default_str()->group(group);
  verb.add_flag("--no-titles", flags.no_titles, "Leave out the titles above the charts: the caption says it")
      ->group(group);
  verb.add_option("--dpi", flags.dpi, "Pixels per inch of a .png")
      ->check(CLI::Range(10.0, 2400.0))
      ->capture_default_str()
      ->group(group);
}

void write_figure(const FigureFlags& flags, const std::string& title,
                  const std::function<std::string(const FigureStyle&)>& draw) {
  const PictureFormat format = picture_format(flags.out);
  FigureStyle style = flags.style;
  style.has_titles = !flags.no_titles;
  style.follows_theme = format == PictureFormat::svg && style.palette == palettes()[0].name;
  write_or_print(flags.out, picture_of(draw(style), format, flags.dpi, title));
}

}  // namespace mneme
