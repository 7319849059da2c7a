#pragma once
// The verb `tables`: which rows of published tables a program offers, with every number printed for them.

#include <string>
#include <vector>

#include "apps/common/command_line.h"
#include "apps/common/presets.h"

namespace mneme {

/// Which rows, and in which form.
struct TablesFlags {
  std::string work = {},               ///< short name of a paper, as in TableRow; empty: all
      table = {};                      ///< a table's name, as the paper counts them; empty: all
  std::vector<std::string> only = {};  ///< presets; empty: all, and rows that are not offered
  bool as_json = false,                ///< print a JSON array
      names_only = false;              ///< print only the names of the presets; goes before `as_json`
};

/// Adds the verb `tables` with its flags to `app`, and returns the verb. Parsing fills `flags`, which must outlive
/// `app`.
CLI::App* add_tables(CLI::App& app, TablesFlags& flags);

/// The rows in the order of the presets, then those that are not offered: a paragraph each, or as JSON an array of
/// objects, or only the names of the presets, each once. Throws UsageError if there is no such row.
std::string tables_text(const std::string& program, const std::vector<Preset>& presets,
                        const std::vector<TableRow>& not_offered, const TablesFlags& flags);

}  // namespace mneme
