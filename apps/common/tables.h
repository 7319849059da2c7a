#pragma once
// The verb `tables`: prints the rows of published tables that a program offers, with all their numbers.

#include <string>
#include <vector>

#include "apps/common/presets.h"

namespace CLI {
class App;  // CLI11 takes seconds to compile, so that only sources include it
}

namespace mneme {

/// Which rows the verb prints, and in which form.
struct TablesFlags {
  std::string work = {},               ///< the short name of a paper, as in TableRow; empty: all papers
      table = {};                      ///< the name of a table as the paper numbers it; empty: all tables
  std::vector<std::string> only = {};  ///< names of presets; empty: all presets, and the rows that no preset repeats
  bool as_json = false,                ///< print a JSON array
      names_only = false;              ///< print only the names of the presets; takes precedence over `as_json`
};

/// Adds the verb `tables` and its flags to `app`, and returns the verb. Parsing fills in `flags`, which must live as
/// long as `app`.
CLI::App* add_tables(CLI::App& app, TablesFlags& flags);

/// The rows in the order of the presets, then the rows that no preset repeats. As text, one paragraph a row; as JSON,
/// an array of objects; or only the names of the presets, each once. Throws UsageError if no row matches.
std::string tables_text(const std::string& program, const std::vector<Preset>& presets,
                        const std::vector<TableRow>& not_offered, const TablesFlags& flags);

}  // namespace mneme
