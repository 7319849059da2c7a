// Tests of manual pages, completions and --version.

#include "apps/command_line/command_pages.h"

#include <CLI/CLI.hpp>

#include <doctest/doctest.h>

#include "apps/command_line/command_line.h"
#include "engine/base/error.h"
#include "engine/base/version.h"
#include "tests/apps/program.h"

namespace mneme::test {
namespace {

/// A program with a flag, an option under a heading, a verb with an option, and text that each format must escape.
struct Example {
  CLI::App app{"Learns: it's [fast]", "example"};
  bool quiet = false;
  int epochs = 3;
  std::string data, out;

  Example() {
    app.add_flag("--quiet", quiet, "Print nothing");
    app.add_option("--epochs", epochs, "Passes over the data")->group("Training")->capture_default_str();
    app.add_option("--secret", data, "Not shown")->group("");
    app.add_subcommand("download", "Fetch it")->add_option("--to", out, "Folder's path");
    app.footer("Examples:\n.hidden is no command of roff");
  }
};

void check_holds(const std::string& text, const std::string& part) {
  CHECK_MESSAGE(text.find(part) != std::string::npos, text);
}

}  // namespace

TEST_CASE("a manual page lists the shown options under their headings, the verbs, and the examples") {
  const Example example;
  const std::string page = man_page(example.app);
  check_holds(page, ".SS Training\n.TP\n\\fB\\-\\-epochs\\fR \\fIINT\\fR\nPasses over the data\n(default: 3)\n");
  check_holds(page, ".SH VERB download\nFetch it\n");
  check_holds(page, "\\fB\\-\\-to\\fR");
  check_holds(page, "\n\\&.hidden is no command");
  CHECK(page.find("secret") == std::string::npos);
}

TEST_CASE("bash completes a flag from its beginning, a verb's own flags behind the verb, and files behind an option") {
  const Example example;
  const Program shell;
  shell.folder().write("completion", bash_completion(example.app));
  const auto completed = [&](const std::string& words) {
    const Said said =
        shell.shell("bash -c 'source ./completion && COMP_WORDS=(" + words +
                    ") && COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) && _mneme_example && echo ${COMPREPLY[@]}'");
    CHECK(said.err == "");
    return said.out;
  };
  CHECK(completed("example --q") == "--quiet\n");
  CHECK(completed("example do") == "download\n");
  CHECK(completed("example download --t") == "--to\n");
  CHECK(completed("example download --q") == "\n");
  CHECK(completed("example --epochs --q") == "\n");
}

TEST_CASE("a completion for zsh escapes what zsh would read as the end of a description") {
  const Example example;
  const std::string script = zsh_completion(example.app);
  CHECK(script.starts_with("#compdef example\n"));
  check_holds(script, "'--epochs[Passes over the data]:value:_files'");
  check_holds(script, "'--to[Folder'\\''s path]:value:_files'");
  check_holds(script, "'1::verb:(download)'");
}

TEST_CASE("an unknown kind of page is a usage error that lists the kinds") {
  const Example example;
  CHECK_THROWS_WITH_AS((void)generated_page(example.app, "fish"), doctest::Contains("man, bash, zsh"), UsageError);
}

TEST_CASE("every program tells its name and version") {
  const Program program;
  CHECK(program.run("--version").out == std::string("cifar100 ") + version() + "\n");
  CHECK(program.shell("\"$report\" --version").out == std::string("report ") + version() + "\n");
  CHECK(std::string(version()).starts_with(release()));
}

}  // namespace mneme::test
