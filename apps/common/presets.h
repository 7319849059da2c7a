#pragma once
// Note [Rows of published tables]
// A preset is the flags of one run. A table row is what a paper prints for such a run: in which table, under which
// name, in which setting, and every number. One run may stand in several rows: the row of alpha 1 in a table of alphas
// is the plain method of another table. So a preset owns a list of rows, and each row says how far the preset repeats
// it. Rows that no preset repeats are listed as well, with the reason, so that a listed table is always complete.

#include <string>
#include <vector>

#include "incremental/report/results/run_result.h"

namespace mneme {

/// How far a run of a preset repeats what a row of a table was measured by.
enum class Fidelity {
  faithful,        ///< the preset has every setting that the paper or its code gives
  assumed,         ///< a setting is not published or departs a little; the reason says which
  not_comparable,  ///< a setting that decides the number is known to differ; the reason says which
  not_offered      ///< no preset repeats the row; the reason says why
};
/// "faithful", "assumed", "not comparable" or "not offered".
const char* name_of(Fidelity fidelity);

/// Numbers after every task, as a figure shows them.
struct PublishedCurve {
  std::string key;             ///< the name of an array in summary.json
  std::vector<double> values;  ///< one number after each task, fractions of 1
};

/// One row of a published table, in one of the settings in which it was run.
struct TableRow {
  std::string work;                           ///< short name of the paper: "balanced-softmax"
  std::string table;                          ///< as the paper counts them: "1", "A.2"
  std::string row;                            ///< as printed: "IL-Baseline w/ BalancedS-CE"
  std::string setting;                        ///< "CIFAR-100, 5 steps"
  Fidelity fidelity = Fidelity::faithful;     ///< how far the preset repeats the row
  std::string reason = {};                    ///< one line; empty only for faithful rows
  std::vector<PublishedNumber> numbers = {};  ///< name, value and deviation; published_numbers() adds the source
  std::vector<PublishedCurve> curves = {};    ///< the numbers after every task, as the paper prints or plots them
};

/// The words of a command line.
using Words = std::vector<std::string>;

/// The flags of one run, and the rows of published tables that the run repeats (Note [Rows of published tables]).
struct Preset {
  std::string name;                 ///< what --preset takes
  std::string summary;              ///< the paper, the row and the setting
  Words flags;                      ///< the flags as a user would type them
  std::vector<TableRow> rows = {};  ///< empty for a protocol without published numbers
};

/// The words of `a`, then those of `b`.
inline Words joined(Words a, const Words& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// Adds a preset to `all`. If `all` has a preset of this name, adds only the rows to it. Throws Error if the two have
/// different flags, because then one name would stand for two runs.
void add(std::vector<Preset>& all, Preset preset);

/// The presets of a program that has none.
const std::vector<Preset>& no_presets();

/// The preset of this name. Throws UsageError with the nearest name if there is none.
const Preset& preset_named(const std::string& name, const std::vector<Preset>& presets);

/// Every number that is printed for the preset, with its table and row as the source, and what keeps it from being
/// repeated faithfully as the note. A number that several tables print alike is one number with several sources.
std::vector<PublishedNumber> published_numbers(const Preset& preset);

/// One line per preset for --list-presets, and one per published number.
std::string list_of(const std::vector<Preset>& presets);

}  // namespace mneme
