// Checks that every program and every flag in the README's commands exists.

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/paths.h"

namespace mneme::test {
namespace {

using Words = std::vector<std::string>;

const std::filesystem::path source = source_path();
const std::string programs = program_path() + "/";

struct ImageOutput {
  int status = -1;
  std::string text;
};

/// Both output streams of a command.
ImageOutput ask(const std::string& command) {
  ImageOutput output;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  REQUIRE(pipe);
  std::array<char, 4096> part;
  while (const size_t n = fread(part.data(), 1, part.size(), pipe)) output.text.append(part.data(), n);
  output.status = pclose(pipe);
  return output;
}

/// The lines inside ``` fences. Continued lines are joined and comments removed.
Words commands_of(const std::filesystem::path& page) {
  std::ifstream file(page);
  REQUIRE(file);
  Words commands;
  bool inside = false, continues = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```")) {
      inside = !inside;
      continue;
    }
    if (!inside) continue;
    if (const size_t comment = line.find(" #"); comment != std::string::npos) line.resize(comment);
    const bool open = line.ends_with("\\");
    if (open) line.pop_back();
    continues ? void(commands.back() += line) : commands.push_back(line);
    continues = open;
  }
  return commands;
}

Words words_of(const std::string& line) {
  std::istringstream stream(line);
  Words words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

/// The commands that run one of the project's programs, as words. The first word is the program's name.
std::vector<Words> program_calls() {
  std::vector<Words> calls;
  for (const std::string& command : commands_of(source / "README.md")) {
    Words words = words_of(command);
    const std::string place = "build/apps/";
    if (words.empty() || !words[0].starts_with(place)) continue;
    words[0].erase(0, place.size());
    calls.push_back(words);
  }
  return calls;
}

/// The flags that a program's help lists.
std::set<std::string> flags_of(const std::string& program_and_verb) {
  ImageOutput help = ask(programs + program_and_verb + " --help-all");
  if (help.status != 0) help = ask(programs + program_and_verb + " --help");  // this program has no --help-all
  REQUIRE_MESSAGE(help.status == 0, program_and_verb, ": ", help.text);
  std::set<std::string> flags;
  for (std::string word : words_of(help.text)) {
    if (const size_t end = word.find_first_of(",= ["); end != std::string::npos) word.resize(end);
    if (word.starts_with("--")) flags.insert(word);
  }
  return flags;
}

TEST_CASE("the README runs our programs, and with flags they know") {
  const std::vector<Words> calls = program_calls();
  CHECK(calls.size() >= 5);
  for (const Words& call : calls) {
    const bool has_verb = call.size() > 1 && !call[1].starts_with("-");
    const std::string asked = has_verb ? call[0] + " " + call[1] : call[0];
    const std::set<std::string> known = flags_of(asked);
    for (const std::string& word : call)
      if (word.starts_with("--"))
        CHECK_MESSAGE(known.contains(word.substr(0, word.find('='))), asked, " does not know ", word);
  }
}

TEST_CASE("the README's cifar100 commands parse, with methods and presets that exist") {
  const std::string methods = "\n" + ask(programs + "cifar100 --list-methods").text;
  const std::string presets = "\n" + ask(programs + "cifar100 --list-presets").text;
  for (const Words& call : program_calls()) {
    if (call[0] != "cifar100" || (call.size() > 1 && call[1] == "download")) continue;
    // --list-presets ends the program after the whole command line was parsed.
    std::string line = programs + "cifar100 --list-methods";
    for (size_t i = 1; i < call.size(); ++i) line += " " + call[i];
    const ImageOutput output = ask(line);
    CHECK_MESSAGE(output.status == 0, line, ": ", output.text);
    for (size_t i = 1; i + 1 < call.size(); ++i) {
      if (call[i] == "--method")
        CHECK_MESSAGE(methods.find("\n" + call[i + 1] + " ") != std::string::npos, call[i + 1]);
      if (call[i] == "--preset")
        CHECK_MESSAGE(presets.find("\n" + call[i + 1] + " ") != std::string::npos, call[i + 1]);
    }
  }
}

TEST_CASE("the README's scripts can be run, and take the presets it gives them") {
  int scripts = 0;
  for (const std::string& command : commands_of(source / "README.md")) {
    const Words words = words_of(command);
    if (words.empty() || !(words[0].starts_with("./") || words[0].starts_with("tools/"))) continue;
    ++scripts;
    CAPTURE(command);
    const std::filesystem::path script = source / words[0];
    REQUIRE(std::filesystem::exists(script));
    CHECK((std::filesystem::status(script).permissions() & std::filesystem::perms::owner_exec) !=
          std::filesystem::perms::none);
    if (words[0] == "./run-tests" && words.size() > 1)
      CHECK(ask("cd " + source.string() + " && cmake --list-presets").text.find('"' + words[1] + '"') !=
            std::string::npos);
  }
  CHECK(scripts >= 2);
}

}  // namespace
}  // namespace mneme::test
