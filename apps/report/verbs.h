#pragma once
// The verbs of the program `report`, and what they share.

#include <functional>
#include <string>
#include <vector>

#include "apps/command_line/command_line.h"
#include "apps/report/picture.h"
#include "incremental/report/charts/svg_file.h"
#include "incremental/report/results/run_groups.h"

namespace mneme {

/// A verb of the command line, and the function that runs it after its flags were read.
struct Verb {
  CLI::App* app = nullptr;    ///< owned by the program
  std::function<void()> run;  ///< throws Error
};

/// \name The verbs
/// Each adds itself with its flags to the program.
///@{
Verb add_compare(CLI::App& program);     ///< one page of several runs
Verb add_table(CLI::App& program);       ///< their numbers
Verb add_curves(CLI::App& program);      ///< accuracy or forgetting as a figure
Verb add_last_layer(CLI::App& program);  ///< last layers as a figure
Verb add_ranks(CLI::App& program);       ///< a critical-difference diagram
Verb add_index(CLI::App& program);       ///< one page of all runs below a folder
Verb add_model(CLI::App& program);       ///< what a trained model is
///@}

/// The runs that a verb reads.
struct RunFlags {
  std::vector<std::string> runs = {};  ///< folders, patterns or summaries
  bool mixed = false;                  ///< runs of different protocols or data are allowed
};
/// Adds the argument RUN to `verb`, and --mixed if the verb compares numbers.
void add_run_flags(CLI::App& verb, RunFlags& flags, bool compares);

/// The groups of the runs. Throws Error if the runs cannot be compared and --mixed was not given.
std::vector<RunGroup> groups_of(const RunFlags& flags, Reading reading = Reading::whole);

/// Writes `content` into the file and prints the file's name. Without a name, or with "-", prints the content.
void write_or_print(const std::string& file, const std::string& content);

/// How a figure is written.
struct FigureFlags {
  std::string out = {};    ///< the file; its ending chooses the format
  FigureStyle style = {};  ///< width, size of letters and colours
  bool no_titles = false;  ///< --no-titles
  double dpi = 300;        ///< dots per inch of a PNG file
};
/// Adds --out, --width, --font-size, --palette, --no-titles and --dpi.
void add_figure_flags(CLI::App& verb, FigureFlags& flags, const std::string& usual_file);

/// Draws the figure by `draw`, which gets the style and returns an SVG file, and writes it in the format of --out.
void write_figure(const FigureFlags& flags, const std::string& title,
                  const std::function<std::string(const FigureStyle&)>& draw);

}  // namespace mneme
