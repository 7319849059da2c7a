#include "apps/trained/predict.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <iterator>

#include "apps/terminal/progress_line.h"
#include "data/files/csv.h"
#include "data/files/diagnostics.h"
#include "engine/base/suggest.h"
#include "incremental/models/predict.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr double silent_seconds = 2;

/// The images in and below a folder, in order of their paths. Hidden files and folders are left out.
std::vector<std::string> images_below(const fs::path& folder) {
  std::vector<std::string> found;
  std::error_code error, ignored;
  fs::recursive_directory_iterator entry(folder, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    const bool hidden = entry->path().filename().string().starts_with('.');
    if (hidden && entry->is_directory(ignored)) entry.disable_recursion_pending();
    if (hidden || entry->is_directory(ignored)) continue;
    if (has_image_name(entry->path()) || has_unread_image_name(entry->path())) found.push_back(entry->path().string());
  }
  MNEME_CHECK(!error, "{}: cannot be listed: {}", folder.string(), error.message());
  MNEME_CHECK(!found.empty(), "{}: no image in it or below it", folder.string());
  std::ranges::sort(found);
  return found;
}

void append(std::vector<std::string>& files, const std::string& word) {
  std::error_code ignored;
  if (!fs::is_directory(word, ignored)) return files.push_back(word);
  for (std::string& file : images_below(word)) files.push_back(std::move(file));
}

std::string table_text(const FilePrediction& p, const ModelInfo& model, const PredictFlags&) {
  std::string text = printable(p.file) + ":";
  if (!p.fault.empty()) return text + " cannot be read: " + printable(p.fault) + "\n";
  for (size_t i = 0; i < p.classes.size(); ++i)
    fmt::format_to(std::back_inserter(text), "{} {} {:.2f} %", i ? "," : "",
                   model.class_names[static_cast<size_t>(p.classes[i])], 100 * p.probabilities[i]);
  return text + "\n";
}

std::string csv_text(const FilePrediction& p, const ModelInfo& model, const PredictFlags&) {
  if (!p.fault.empty()) return fmt::format("{},,,,,,{}\n", csv_field(p.file), csv_field(p.fault));
  std::string text;
  for (size_t i = 0; i < p.classes.size(); ++i) {
    const auto c = static_cast<size_t>(p.classes[i]);
    fmt::format_to(std::back_inserter(text), "{},{},{},{},{},{},\n", csv_field(p.file), i + 1, c,
                   csv_field(model.class_names[c]), model.original_labels[c], p.probabilities[i]);
  }
  return text;
}

std::string json_text(const FilePrediction& p, const ModelInfo& model, const PredictFlags& flags) {
  json line = {{"file", p.file}};
  if (!p.fault.empty()) line["error"] = p.fault;
  for (size_t i = 0; i < p.classes.size(); ++i) {
    const auto c = static_cast<size_t>(p.classes[i]);
    line["top"].push_back({{"class", c},
                           {"name", model.class_names[c]},
                           {"original_label", model.original_labels[c]},
                           {"probability", p.probabilities[i]}});
  }
  if (flags.logits && p.fault.empty()) line["logits"] = p.logits;
  return line.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
}

struct Format {
  const char* heading;
  std::string (*text)(const FilePrediction&, const ModelInfo&, const PredictFlags&);
};
constexpr std::pair<const char*, Format> formats[] = {
    {"table", {"", table_text}},
    {"csv", {"file,rank,class,name,original_label,probability,error\n", csv_text}},
    {"jsonl", {"", json_text}}};

}  // namespace

CLI::App* add_predict(CLI::App& app, PredictFlags& flags) {
  CLI::App* verb = app.add_subcommand("predict", "The likeliest classes of image files, by a trained model");
  add_trained_flags(*verb, flags.trained);
  verb->add_option("PICTURE", flags.pictures, "JPEG and PNG files, folders of them, or - for a list on standard input")
      ->required();
  verb->add_option("--top", flags.top, "How many classes are told of each")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  verb->add_option("--format", flags.format, "table, csv (a line per file and class) or jsonl (an object per file)")
      ->capture_default_str();
  verb->add_flag("--logits", flags.logits, "With --format jsonl: all logits, too");
  return verb;
}

std::vector<std::string> picture_files(const std::vector<std::string>& words, std::istream& list) {
  std::vector<std::string> files;
  for (const std::string& word : words) {
    if (word != "-") {
      append(files, word);
      continue;
    }
    for (std::string line; std::getline(list, line);) {
      if (line.ends_with('\r')) line.pop_back();
      if (!line.empty()) append(files, line);
    }
  }
  MNEME_CHECK(!files.empty(), "no pictures: the list on standard input is empty");
  return files;
}

void predict_pictures(const PredictFlags& flags) {
  const Format format = choose_by_name("format", flags.format, formats);
  if (flags.logits && flags.format != "jsonl") fail_usage("--logits are written with --format jsonl only");
  const ModelContent content = read_model(file_of(flags.trained));
  Device device = Device::cpu;
  TrainedModel model = build_trained(content, flags.trained, device);
  const std::vector<std::string> files = picture_files(flags.pictures, std::cin);
  const auto total = static_cast<int64_t>(files.size());
  Diagnostics bad;
  int64_t done = 0;
  fmt::print("{}", format.heading);
  {
    ProgressLine line(stderr, silent_seconds);
    predict_files(model, device, files, flags.top, [&](const FilePrediction& prediction) {
      fmt::print("{}", format.text(prediction, model.info, flags));
      if (!prediction.fault.empty())
        bad.add_file("picture that cannot be read", prediction.file + ": " + prediction.fault);
      line.show({++done, total}, "classified");
    });
  }
  MNEME_CHECK(bad.empty(), "{} of {} pictures could not be read: {}", bad.count(), total, bad.text());
}

}  // namespace mneme
