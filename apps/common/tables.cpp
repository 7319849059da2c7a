#include "apps/common/tables.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/error.h"

namespace mneme {
namespace {

/// A row of a table and the preset that repeats it; the preset is null if there is none.
struct Offer {
  const TableRow* row;
  const Preset* preset;
};

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

bool wanted(const TableRow& row, const TablesFlags& flags) {
  return (flags.work.empty() || row.work == flags.work) && (flags.table.empty() || row.table == flags.table);
}

std::vector<Offer> offers_of(const std::vector<Preset>& presets, const std::vector<TableRow>& not_offered,
                             const TablesFlags& flags) {
  std::vector<Offer> offers;
  for (const Preset& preset : presets)
    for (const TableRow& row : preset.rows)
      if (wanted(row, flags) && (flags.only.empty() || holds(flags.only, preset.name)))
        offers.push_back({&row, &preset});
  for (const TableRow& row : not_offered)
    if (wanted(row, flags) && flags.only.empty()) offers.push_back({&row, nullptr});
  return offers;
}

std::string asked_for(const TablesFlags& flags) {
  return (flags.work.empty() ? "any work" : flags.work) + (flags.table.empty() ? "" : ", table " + flags.table);
}

/// Throws UsageError if there are no rows, and for a preset of the query that belongs to none of the rows.
void check_found(const std::string& program, const std::vector<Offer>& offers, const TablesFlags& flags) {
  for (const std::string& name : flags.only)
    if (std::ranges::none_of(offers, [&](const Offer& offer) { return offer.preset->name == name; }))
      fail_usage("{} is no row of {} ({} tables lists them)", name, asked_for(flags), program);
  if (offers.empty())
    fail_usage("{0} knows no rows of {1} ({0} tables lists what there is)", program, asked_for(flags));
}

nlohmann::json as_json(const std::string& program, const Offer& offer) {
  const TableRow& row = *offer.row;
  nlohmann::json json = {{"program", program},
                         {"work", row.work},
                         {"table", row.table},
                         {"row", row.row},
                         {"setting", row.setting},
                         {"fidelity", name_of(row.fidelity)},
                         {"reason", row.reason},
                         {"numbers", nlohmann::json::array()},
                         {"curves", nlohmann::json::array()}};
  for (const PublishedNumber& number : row.numbers) {
    json["numbers"].push_back({{"key", number.key}, {"value", number.value}});
    if (number.deviation) json["numbers"].back()["deviation"] = *number.deviation;
  }
  for (const PublishedCurve& curve : row.curves)
    json["curves"].push_back({{"key", curve.key}, {"values", curve.values}});
  json["preset"] = offer.preset ? nlohmann::json(offer.preset->name) : nullptr;
  json["flags"] = offer.preset ? nlohmann::json(offer.preset->flags) : nlohmann::json::array();
  return json;
}

/// A number in percent, with as many decimals as the paper prints.
std::string percent_text(double value) { return fmt::format("{:.2f}", 100 * value); }

std::string as_text(const Offer& offer) {
  const TableRow& row = *offer.row;
  std::string out = fmt::format("{}, table {}: {} | {}\n  ", row.work, row.table, row.row, row.setting);
  if (offer.preset) out += fmt::format("--preset {} ({})", offer.preset->name, name_of(row.fidelity));
  if (!offer.preset) out += name_of(row.fidelity);
  out += row.reason.empty() ? "\n" : fmt::format(": {}\n", row.reason);
  for (const PublishedNumber& number : row.numbers) {
    out += fmt::format("  published {} {} %", number.key, percent_text(number.value));
    out += number.deviation ? fmt::format(" ± {}\n", percent_text(*number.deviation)) : "\n";
  }
  for (const PublishedCurve& curve : row.curves) {
    out += fmt::format("  published {}", curve.key);
    for (const double value : curve.values) out += " " + percent_text(value);
    out += " %\n";
  }
  return out;
}

std::string names_of(const std::vector<Offer>& offers) {
  std::vector<std::string> names;
  for (const Offer& offer : offers)
    if (offer.preset && !holds(names, offer.preset->name)) names.push_back(offer.preset->name);
  std::string out;
  for (const std::string& name : names) out += name + "\n";
  return out;
}

}  // namespace

CLI::App* add_tables(CLI::App& app, TablesFlags& flags) {
  CLI::App* verb = app.add_subcommand("tables",
                                      "Show the rows of published tables: presets, numbers, and what is known "
                                      "to be assumed or missing");
  verb->add_option("--work", flags.work, "Only this paper's, balanced-softmax for instance");
  verb->add_option("--table", flags.table, "Only this table's, as the paper counts them");
  verb->add_option("--only", flags.only, "Only the rows of these presets, with commas between them")->delimiter(',');
  verb->add_flag("--json", flags.as_json, "As a JSON array, for other programs");
  verb->add_flag("--names", flags.names_only, "Only the names of the presets");
  return verb;
}

std::string tables_text(const std::string& program, const std::vector<Preset>& presets,
                        const std::vector<TableRow>& not_offered, const TablesFlags& flags) {
  const std::vector<Offer> offers = offers_of(presets, not_offered, flags);
  check_found(program, offers, flags);
  if (flags.names_only) return names_of(offers);
  if (flags.as_json) {
    nlohmann::json all = nlohmann::json::array();
    for (const Offer& offer : offers) all.push_back(as_json(program, offer));
    return all.dump(1) + '\n';
  }
  std::string out;
  for (const Offer& offer : offers) out += as_text(offer);
  return out;
}

}  // namespace mneme
