#include "incremental/report/results/run_folders.h"

#include <glob.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "engine/base/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

constexpr int deepest = 32;  // folders within folders

bool has_summary(const fs::path& folder) { return fs::exists(folder / "summary.json"); }

bool is_summary_file(const fs::path& path) { return path.extension() == ".json" && fs::is_regular_file(path); }

void add_runs_below(Paths& found, const fs::path& folder, int depth) {
  if (is_run_folder(folder)) {
    found.push_back(folder);
    return;
  }
  if (depth == deepest) return;
  std::error_code unreadable;
  Paths children;
  for (const auto& entry : fs::directory_iterator(folder, unreadable))
    if (entry.is_directory() && !entry.is_symlink()) children.push_back(entry.path());
  std::ranges::sort(children, [](const fs::path& a, const fs::path& b) {
    return in_natural_order(a.filename().string(), b.filename().string());
  });
  for (const fs::path& child : children) add_runs_below(found, child, depth + 1);
}

/// The runs that a path stands for; none if it contains no run that has finished its first task.
Paths runs_at(const fs::path& path) {
  if (is_summary_file(path) || has_summary(path)) return {path};
  Paths below = run_folders_below(path);
  std::erase_if(below, [](const fs::path& run) { return !has_summary(run); });
  return below;
}

Paths matches_of(const std::string& pattern) {
  glob_t found{};
  Paths paths;
  if (glob(pattern.c_str(), GLOB_TILDE, nullptr, &found) == 0)
    for (std::size_t i = 0; i < found.gl_pathc; ++i) paths.emplace_back(found.gl_pathv[i]);
  globfree(&found);
  std::ranges::sort(paths,
                    [](const fs::path& a, const fs::path& b) { return in_natural_order(a.string(), b.string()); });
  return paths;
}

[[noreturn]] void fail_without_run(const fs::path& path) {
  MNEME_CHECK(fs::exists(path), "{}: there is no such folder", path.string());
  MNEME_CHECK(!fs::exists(path / "run.json"), "{}: this run has not finished its first task yet", path.string());
  fail("{}: is no run's folder, and none below it is one with a summary.json: name the folder that --out named",
       path.string());
}

Paths runs_of(const std::string& word) {
  const bool is_pattern = word.find_first_of("*?[") != std::string::npos && !fs::exists(word);
  if (!is_pattern) {
    Paths runs = runs_at(word);
    if (runs.empty()) fail_without_run(word);
    return runs;
  }
  Paths runs;
  const Paths matches = matches_of(word);
  MNEME_CHECK(!matches.empty(), "{}: matches no folder", word);
  for (const fs::path& path : matches) {
    const Paths at =
        fs::is_directory(path) || path.filename() == "summary.json" || path.string().ends_with(".summary.json")
            ? runs_at(path)
            : Paths();
    runs.insert(runs.end(), at.begin(), at.end());
  }
  MNEME_CHECK(!runs.empty(), "{}: matches {} file{}, but no run among them has finished its first task", word,
              matches.size(), matches.size() == 1 ? "" : "s");
  return runs;
}

}  // namespace

bool is_run_folder(const fs::path& folder) { return has_summary(folder) || fs::exists(folder / "run.json"); }

Paths run_folders_below(const fs::path& folder) {
  Paths found;
  add_runs_below(found, folder, 0);
  return found;
}

Paths named_runs(std::span<const std::string> words) {
  Paths runs;
  std::set<fs::path> known;
  for (const std::string& word : words)
    for (const fs::path& run : runs_of(word))
      if (known.insert(fs::canonical(run)).second) runs.push_back(run);
  return runs;
}

bool in_natural_order(const std::string& a, const std::string& b) {
  const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (!is_digit(a[i]) || !is_digit(b[j])) {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i, ++j;
      continue;
    }
    const auto number_at = [&](const std::string& text, std::size_t& at) {
      while (at < text.size() && text[at] == '0') ++at;
      const std::size_t first = at;
      while (at < text.size() && is_digit(text[at])) ++at;
      return text.substr(first, at - first);
    };
    const std::string x = number_at(a, i), y = number_at(b, j);
    if (x.size() != y.size()) return x.size() < y.size();
    if (x != y) return x < y;
  }
  return a.size() - i < b.size() - j;
}

}  // namespace mneme
