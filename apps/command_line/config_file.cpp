#include "apps/command_line/config_file.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

#include "apps/command_line/command_line.h"
#include "data/files/text_lines.h"
#include "engine/base/error.h"
#include "engine/base/suggest.h"
#include "engine/base/version.h"
#include "incremental/report/results/run_format.h"

namespace mneme {
namespace {

using nlohmann::json;
using Items = std::vector<CLI::ConfigItem>;

/// The line without its comment. A comment begins with '#' or ';' outside of quotes, at the beginning of the line or
/// after a blank.
std::string without_comment(const std::string& line) {
  char quote = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote) {
      if (c == '\\' && quote == '"') ++i;
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if ((c == '#' || c == ';') && (i == 0 || std::isspace(static_cast<unsigned char>(line[i - 1])))) {
      return line.substr(0, i);
    }
  }
  return line;
}

/// The value of a text in TOML: the text without its quotes. In double quotes \" stands for " and \\ for \.
std::string text_value(std::string_view text) {
  const std::string inside(unquoted(text));
  if (inside.size() == text.size() || text[0] == '\'') return inside;
  std::string out;
  for (size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '\\' && i + 1 < inside.size() && (inside[i + 1] == '"' || inside[i + 1] == '\\')) ++i;
    out += inside[i];
  }
  return out;
}

/// The items of "[a, b]". A plain value is one item, because the flag itself knows whether commas separate values.
std::vector<std::string> values_of(const std::string& value) {
  if (value.size() < 2 || value.front() != '[' || value.back() != ']') return {text_value(value)};
  std::vector<std::string> values;
  const std::string inside = value.substr(1, value.size() - 2);
  for (size_t at = 0; at <= inside.size();) {
    const size_t comma = std::min(inside.find(',', at), inside.size());
    const std::string_view item = trimmed(std::string_view(inside).substr(at, comma - at));
    const bool after_last = comma == inside.size();  // TOML allows a comma after the last value
    if (!item.empty() || !after_last) values.push_back(text_value(item));
    at = comma + 1;
  }
  return values;
}

/// The word that CLI11 reads for one value in JSON.
std::string word_of(const json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

std::string release_of(const std::string& version) { return version.substr(0, version.find('+')); }

}  // namespace

std::string ConfigFile::name() const {
  const CLI::Option* option = app_.get_config_ptr();
  return option && option->count() > 0 ? option->results().front() : "--config";
}

void ConfigFile::check_key(const std::string& key, const std::string& place) const {
  const CLI::Option* option = app_.get_option_no_throw("--" + key);
  if (option && option->get_configurable()) {
    const auto [before, is_new] = places_.emplace("--" + key, place);
    if (!is_new) fail_usage("{}: '{}' is set twice, first at {}: leave one out", place, key, before->second);
    return;
  }
  if (option) fail_usage("{}: '{}' belongs on the command line, not into a file", place, key);
  std::vector<std::string> names;
  for (const CLI::Option* known : app_.get_options())
    for (const std::string& long_name : known->get_lnames())
      if (known->get_configurable()) names.push_back(long_name);
  const std::string_view nearest = nearest_name(key, std::vector<std::string_view>(names.begin(), names.end()));
  fail_usage("{}: unknown key '{}'{} (--help-all shows all flags)", place, key,
             nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest));
}

void ConfigFile::add(Items& read, const std::string& key, std::vector<std::string> values,
                     const std::string& place) const {
  check_key(key, place);
  const CLI::Option* option = app_.get_option("--" + key);
  if (values.empty()) fail_usage("{}: '{}' has no value; give one, or leave the key out", place, key);
  if (values.size() > 1 && option->get_items_expected_max() <= 1)
    fail_usage("{}: '{}' takes one value, got {}", place, key, values.size());
  const std::vector<std::string> lists = list_options(app_);
  if (std::ranges::find(lists, "--" + key) != lists.end())
    check_list(fmt::format("{}: '{}'", place, key), fmt::format("{}", fmt::join(values, ",")));
  CLI::ConfigItem& item = read.emplace_back();
  item.name = key;
  item.inputs = std::move(values);
}

Items ConfigFile::from_lines(const std::string& text) const {
  Items read;
  std::string open;  // the beginning of a list that continues in the next line
  int begun = 0;
  for_each_line(text_of(text, name()), [&](const TextLine& line) {
    const std::string content(trimmed(without_comment(std::string(line.text))));
    if (content.empty()) return;
    if (open.empty()) begun = static_cast<int>(line.number);
    const std::string whole = open.empty() ? content : open + " " + content,
                      place = fmt::format("{}:{}", name(), begun);
    const size_t equals = whole.find('=');
    const bool section = whole.front() == '[' && whole.back() == ']' && equals == std::string::npos;
    if (section) return;
    if (equals == std::string::npos || equals == 0)
      fail_usage("{}: '{}' is no line 'flag = value'", place, whole.substr(0, 60));
    std::string key(unquoted(trimmed(std::string_view(whole).substr(0, equals))));
    const std::string value(trimmed(std::string_view(whole).substr(equals + 1)));
    if (value.starts_with('[') && !value.ends_with(']')) {
      open = whole;
      return;
    }
    open.clear();
    std::ranges::replace(key, '_', '-');
    if (key.starts_with("--")) key.erase(0, 2);
    add(read, key, values_of(value), place);
  });
  if (!open.empty()) fail_usage("{}:{}: the list is not closed by ]", name(), begun);
  return read;
}

Items ConfigFile::from_run(const std::string& text) const {
  const json run = json::parse(text, nullptr, false);
  const std::string file = name();
  if (!run.is_object()) fail_usage("{}: is neither lines 'flag = value' nor the run.json of a run", file);
  const json provenance = run.value("provenance", json());
  if (first_task_number(run) == 0 || !provenance.is_object() || !provenance.contains("flags"))
    fail_usage("{}: was written by an older version{}, which did not keep the flags of a run: give them by hand", file,
               run.value("version", json()).is_string() ? ", " + run["version"].get<std::string>() : "");
  if (run.value("format", json()) != run_format)
    fail_usage("{}: has format {}, and this version reads format {}", file, run["format"].dump(), run_format);
  const std::string theirs = run.value("version", json("unknown")).is_string() ? run.value("version", "unknown") : "";
  if (release_of(theirs) != release())
    fail_usage(
        "{}: was written by version {}, whose flags may mean something else to this one, {}; its command was: {}", file,
        theirs, version(), word_of(provenance.value("command", json("?"))));
  if (const std::string program = word_of(provenance.value("program", json())); program != app_.get_name())
    fail_usage("{}: is a run of {}, and this is {}", file, program, app_.get_name());
  Items read;
  for (const auto& [key, value] : provenance["flags"].items()) {
    std::vector<std::string> words;
    if (value.is_array())
      for (const json& each : value) words.push_back(word_of(each));
    else
      words.push_back(word_of(value));
    add(read, key, std::move(words), file);
  }
  return read;
}

Items ConfigFile::from_config(std::istream& input) const {
  const std::string bytes(std::istreambuf_iterator<char>(input), {});
  const size_t first = bytes.find_first_not_of(" \t\r\n");
  Items read = first != std::string::npos && bytes[first] == '{' ? from_run(bytes) : from_lines(bytes);
  std::erase_if(read, [&](const CLI::ConfigItem& item) { return loses_to_command_line(item); });
  return read;
}

bool ConfigFile::loses_to_command_line(const CLI::ConfigItem& item) const {
  const bool given_resume = app_.count("--resume") > 0, given_overwrite = app_.count("--overwrite") > 0;
  return (item.name == "overwrite" && given_resume) || (item.name == "resume" && given_overwrite);
}

std::string ConfigFile::place_of(const std::string& flag) const {
  const auto found = places_.find(flag);
  return found == places_.end() ? "" : found->second;
}

}  // namespace mneme
