#include "incremental/report/run_index.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <map>
#include <system_error>

#include "engine/base/counted.h"
#include "engine/base/error.h"
#include "incremental/report/charts/markup.h"
#include "incremental/report/charts/page.h"
#include "incremental/report/results/key_numbers.h"
#include "incremental/report/results/run_folders.h"
#include "incremental/report/results/run_groups.h"
#include "incremental/report/results/stored_run.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

constexpr const char* columns[] = {"changed", "run",        "method",  "data",  "tasks",      "seed",  "average",
                                   "final",   "forgetting", "average", "final", "forgetting", "state", "group"};
constexpr std::size_t first_number = 4, end_numbers = 12;  // the columns with numbers

constexpr const char* measures[] = {
    "average_incremental_accuracy_task_agnostic", "final_accuracy_task_agnostic", "final_mean_forgetting_task_agnostic",
    "average_incremental_accuracy_task_aware",    "final_accuracy_task_aware",    "final_mean_forgetting_task_aware"};

/// Sorts by a column at a click on its head, by `data-v` where a cell has it, and hides rows that lack a word.
constexpr const char* script = R"(<script>
(() => {
  const table = document.querySelector('table.index'), body = table.tBodies[0], rows = [...body.rows];
  const words = document.getElementById('words'), state = document.getElementById('state'), count = document.getElementById('count');
  document.getElementById('controls').hidden = false;
  const value = (row, column) => {
    const cell = row.cells[column], number = Number(cell.dataset.v);
    return cell.dataset.v === undefined ? cell.textContent.toLowerCase() : Number.isNaN(number) ? cell.dataset.v : number;
  };
  const heads = [...table.tHead.rows[1].cells];
  heads.forEach((head, column) => head.firstChild.addEventListener('click', () => {
    const down = head.getAttribute('aria-sort') !== 'descending';
    heads.forEach(other => other.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const sign = down ? -1 : 1;
    rows.sort((a, b) => {
      const x = value(a, column), y = value(b, column);
      if (x === '' || y === '') return x === y ? 0 : x === '' ? 1 : -1;
      return sign * (typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y), undefined, {numeric: true}));
    });
    body.append(...rows);
  }));
  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach(row => {
      const text = row.textContent.toLowerCase();
      row.hidden = !(wanted.every(word => text.includes(word)) && (!state.value || row.dataset.state === state.value));
      shown += !row.hidden;
    });
    count.textContent = shown + ' of ' + rows.length + ' runs';
  };
  words.addEventListener('input', filter);
  state.addEventListener('change', filter);
  filter();
})();
</script>)";

constexpr const char* style = R"(<style>
main{max-width:1500px}
#controls{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;margin:18px 0 6px}
#controls[hidden]{display:none}
#controls input,#controls select{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:4px 8px}
.index button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer}
.index [aria-sort=descending] button::after{content:" ↓"}
.index [aria-sort=ascending] button::after{content:" ↑"}
.index td:nth-child(2),.index td:nth-child(3){overflow-wrap:anywhere;min-width:7em}
.index td:nth-child(2){min-width:10em}
.index td:first-child{white-space:normal;min-width:0}
.index{font-size:13px}
.index th,.index td{padding-right:9px}
.index .group,.index .date{white-space:nowrap}
.index a{color:var(--series-0)}
.index .unfinished td,.index .unreadable td{color:var(--soft)}
.mark{display:inline-block;min-width:1.7em;text-align:center;border:1px solid currentColor;border-radius:4px}
</style>)";

double changed_of(const fs::path& folder) {
  double latest = 0;
  for (const char* name : {"summary.json", "run.json", "metrics.jsonl"}) {
    std::error_code absent;
    const auto when = fs::last_write_time(folder / name, absent);
    if (absent) continue;
    const auto since = std::chrono::file_clock::to_sys(when).time_since_epoch();
    latest = std::max(latest, std::chrono::duration<double>(since).count());
  }
  return latest;
}

IndexedRun indexed(const fs::path& folder) {
  IndexedRun found{folder, {}, {}, changed_of(folder)};
  try {
    if (fs::exists(folder / "summary.json"))
      found.run = stored_summary(folder);
    else
      found.problem = "in its first task";
  } catch (const std::exception& error) {
    found.problem = error.what();
  }
  return found;
}

/// A text that is equal for runs whose numbers compare: their protocol and their data. Empty if these are unknown.
std::string group_key(const IndexedRun& each) {
  if (!each.run || each.run->protocol.empty() || each.run->data_id.empty()) return {};
  return each.run->protocol + " " + each.run->data_id;
}

/// A, B, ..., Z, A2, B2, ...
std::string letter(std::size_t index) {
  const std::string first(1, static_cast<char>('A' + index % 26));
  return index < 26 ? first : fmt::format("{}{}", first, index / 26 + 1);
}

/// The letters of the groups, by their keys: the most frequent group is A.
std::map<std::string, std::size_t> ranks_of_groups(const std::vector<IndexedRun>& runs) {
  std::vector<std::pair<std::string, int>> counts;
  for (const IndexedRun& each : runs) {
    const std::string key = group_key(each);
    if (key.empty()) continue;
    auto at = std::ranges::find(counts, key, &std::pair<std::string, int>::first);
    if (at == counts.end()) at = counts.insert(at, {key, 0});
    ++at->second;
  }
  std::ranges::stable_sort(counts, std::greater(), &std::pair<std::string, int>::second);
  std::map<std::string, std::size_t> ranks;
  for (std::size_t i = 0; i < counts.size(); ++i) ranks[counts[i].first] = i;
  return ranks;
}

/// A path as part of a link: everything but letters, digits and a few signs as %XX.
std::string link_text(const std::string& path) {
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = byte < 0x80 && (std::isalnum(byte) || std::string_view("/._-~").find(c) != std::string::npos);
    out += is_plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return out;
}

/// A path that may be broken after each of its folders.
std::string breakable(const std::string& path) {
  std::string out;
  for (const char c : escaped(path)) out += c == '/' ? "/<wbr>" : std::string(1, c);
  return out;
}

/// The date and the time, between which a line may break.
std::string time_text(double seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm local{};
  localtime_r(&time, &local);
  return fmt::format("<span class=date>{:%Y-%m-%d}</span> {:%H:%M}", local, local);
}

/// The state of a run in one word. The page filters rows by it.
const char* state_of(const IndexedRun& each) {
  if (!each.run) return each.problem == "in its first task" ? "unfinished" : "unreadable";
  return each.run->tasks_done() < each.run->tasks_planned() || !each.run->unfinished.empty() ? "unfinished"
                                                                                             : "finished";
}

std::string number_cell(double value) {
  if (!std::isfinite(value)) return "<td class=n data-v=\"\">–</td>";
  return fmt::format("<td class=n data-v={:.6f}>{}</td>", value, percent(value, 2));
}

std::string result_cells(const IndexedRun& each) {
  if (!each.run) {
    std::string out = "<td></td><td></td>";
    for (std::size_t c = first_number; c < end_numbers; ++c) out += "<td data-v=\"\"></td>";
    return out;
  }
  const RunResult& run = *each.run;
  std::string out =
      fmt::format("<td>{}</td><td>{}</td><td class=n data-v={}>{} of {}</td><td class=n data-v={}>{}</td>",
                  escaped(name_with_slots(run)), escaped(run.data_set), run.tasks_planned(), run.tasks_done(),
                  run.tasks_planned(), run.seed, run.seed);
  const std::vector<KeyNumber> numbers = key_numbers(run);
  for (const char* measure : measures) out += number_cell(find_number(numbers, measure).value);
  return out;
}

std::string group_cell(const IndexedRun& each, const std::map<std::string, std::size_t>& ranks) {
  const auto rank = ranks.find(group_key(each));
  if (rank == ranks.end()) return "<td data-v=\"\">unknown</td>";
  return fmt::format(
      "<td class=group data-v=\"{0}\"><span class=mark style=\"color:var(--series-{1})\" title=\"protocol {2}, data "
      "{3}\">{0}</span>{4}</td>",
      letter(rank->second), rank->second % 6, escaped(each.run->protocol), escaped(each.run->data_id),
      rank->second == 0 ? "" : " not with A");
}

std::string row_of(const IndexedRun& each, const fs::path& base, const fs::path& page_folder,
                   const std::map<std::string, std::size_t>& ranks) {
  const fs::path report = each.folder / "report.html", target = fs::exists(report) ? report : each.folder;
  const std::string name = fs::relative(each.folder, base).string();
  return fmt::format(
      "<tr class={0} data-state={0}><td data-v={1:.0f}>{2}</td><td><a "
      "href=\"{3}\">{4}</a></td>{5}<td>{6}</td>{7}</tr>\n",
      state_of(each), each.changed, time_text(each.changed),
      escaped(link_text(fs::relative(target, page_folder).string())),
      breakable(name == "." ? each.folder.string() : name), result_cells(each),
      escaped(each.run ? state_of(each) : each.problem), group_cell(each, ranks));
}

std::string head() {
  std::string heads;
  for (std::size_t c = 0; c < std::size(columns); ++c)
    heads += fmt::format("<th{}><button>{}</button></th>", c >= first_number && c < end_numbers ? " class=n" : "",
                         columns[c]);
  return fmt::format(
      "<thead><tr><th colspan=6></th><th class=over colspan=3>task-agnostic (%)</th><th class=over colspan=3>"
      "task-aware (%)</th><th colspan=2></th></tr><tr>{}</tr></thead>",
      heads);
}

}  // namespace

std::vector<IndexedRun> indexed_runs(const fs::path& folder) {
  MNEME_CHECK(fs::is_directory(folder), "{}: there is no such folder", folder.string());
  std::vector<IndexedRun> runs;
  for (const fs::path& run : run_folders_below(folder)) runs.push_back(indexed(run));
  MNEME_CHECK(!runs.empty(), "{}: there is no run at or below this folder", folder.string());
  std::ranges::stable_sort(runs, std::greater(), &IndexedRun::changed);
  return runs;
}

std::string index_html(const std::string& title, const std::vector<IndexedRun>& runs, const fs::path& page_folder) {
  const auto ranks = ranks_of_groups(runs);
  const fs::path base = page_folder.empty() ? fs::path(".") : page_folder;
  std::string rows;
  std::map<std::string, int> states;
  for (const IndexedRun& each : runs) {
    ++states[state_of(each)];
    rows += row_of(each, base, base, ranks);
  }
  std::string facts;
  for (const auto& [state, count] : states) facts += fmt::format("<li>{} <b>{}</b></li>", state, count);
  std::string content =
      page_header(fmt::format("{} below {}", counted(runs.size(), "run"), title),
                  fmt::format("<ul class=facts>{}<li>groups that compare <b>{}</b></li></ul>", facts, ranks.size()));
  content +=
      "<p>Numbers of runs with the same letter compare: they have one protocol (class order, splits, training, memory, "
      "network) and one data set. A is the largest group. Averages of unfinished runs are over the tasks that are done."
      "</p><div id=controls hidden><label>Filter <input id=words type=search placeholder=\"words, all of "
      "them\"></label>"
      "<label>State <select id=state><option "
      "value=\"\">all</option><option>finished</option><option>unfinished</option>"
      "<option>unreadable</option></select></label><span id=count></span></div>";
  content += "<div class=scroll><table class=\"dense index\">" + head() + "<tbody>" + rows + "</tbody></table></div>";
  return page("Runs below " + title, style + content + script);
}

}  // namespace mneme
