// report index: one page of all runs below a folder.

#include <CLI/CLI.hpp>

#include <filesystem>

#include "apps/report/verbs.h"
#include "incremental/report/run_index.h"

namespace mneme {
namespace {

struct Flags {
  std::string folder, out;
};

void write_index(const Flags& flags) {
  const std::filesystem::path page =
      flags.out.empty() ? std::filesystem::path(flags.folder) / "index.html" : std::filesystem::path(flags.out);
  write_or_print(page.string(), index_html(flags.folder, indexed_runs(flags.folder), page.parent_path()));
}

}  // namespace

Verb add_index(CLI::App& program) {
  CLI::App* verb = program.add_subcommand("index", "One page of all runs below a folder: sortable, filterable, linked");
  const auto flags = std::make_shared<Flags>();
  verb->add_option("FOLDER", flags->folder, "The folder; runs may lie in folders of folders")->required();
  verb->add_option("--out", flags->out, "File to write (FOLDER/index.html)");
  verb->footer(
      "The newest run comes first. Runs that are unfinished, damaged, or not comparable with most others are marked;\n"
      "a protocol and a data set have one colour each. The page needs no network; without scripts it is a plain "
      "table.");
  return {verb, [flags] { write_index(*flags); }};
}

}  // namespace mneme
