#include "incremental/protocol/confusion_csv.h"

#include <fmt/format.h>

#include <iterator>
#include <vector>

#include "data/files/csv.h"
#include "data/files/whole_number.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

constexpr int most_dense_classes = 1000;

std::string sparse_csv(const ConfusionMatrix& confusion, const ClassLabels& labels) {
  std::string csv =
      "true_class,true_name,true_original_label,predicted_class,predicted_name,predicted_original_label,images\n";
  for (const auto& [at, count] : confusion.counts())
    fmt::format_to(std::back_inserter(csv), "{},{},{},{},{}\n", at.first, labels.fields(static_cast<size_t>(at.first)),
                   at.second, labels.fields(static_cast<size_t>(at.second)), count);
  return csv;
}

/// Adds a line of a true class, a predicted class and a count, which stand in these columns. False if it is none.
bool add_count(ConfusionMatrix& to, const CsvRow& row, size_t fields, size_t truth, size_t predicted) {
  if (row.fault || row.fields.size() != fields) return false;
  const auto t = whole_number<int>(row.fields[truth]), p = whole_number<int>(row.fields[predicted]);
  const auto count = whole_number<int64_t>(row.fields[fields - 1]);
  const auto is_class = [&](const auto& k) { return k && *k >= 0 && *k < to.classes(); };
  if (!is_class(t) || !is_class(p) || !count || *count <= 0) return false;
  to.add(*t, *p, *count);
  return true;
}

/// Adds a line with the counts of class `truth`, of which the first stands in column `first`. False if it is none.
bool add_class(ConfusionMatrix& to, const CsvRow& row, int truth, size_t first) {
  if (row.fault || row.fields.size() != first + static_cast<size_t>(to.classes())) return false;
  if (whole_number<int>(row.fields[0]) != truth) return false;
  for (int predicted = 0; predicted < to.classes(); ++predicted) {
    const auto count = whole_number<int64_t>(row.fields[first + static_cast<size_t>(predicted)]);
    if (!count || *count < 0) return false;
    to.add(truth, predicted, *count);
  }
  return true;
}

}  // namespace

std::string confusion_csv(const ConfusionMatrix& confusion, const ClassLabels& labels) {
  if (confusion.classes() > most_dense_classes) return sparse_csv(confusion, labels);
  std::string csv = "true_class,true_name,original_label";
  for (int predicted = 0; predicted < confusion.classes(); ++predicted) csv += fmt::format(",predicted_{}", predicted);
  for (int truth = 0; truth < confusion.classes(); ++truth) {
    csv += fmt::format("\n{},{}", truth, labels.fields(static_cast<size_t>(truth)));
    for (int predicted = 0; predicted < confusion.classes(); ++predicted)
      fmt::format_to(std::back_inserter(csv), ",{}", confusion.count(truth, predicted));
  }
  return csv + '\n';
}

ConfusionMatrix parse_confusion(std::string_view csv, const std::string& name, int classes) {
  CsvReader reader(csv);
  CsvRow row, header;
  reader.next(header);
  const auto is_column = [&](size_t at, const char* column) {
    return header.fields.size() > at && header.fields[at] == column;
  };
  const bool sparse = is_column(1, "predicted_class") || is_column(3, "predicted_class"),
             named = is_column(1, "true_name");
  std::vector<CsvRow> rows;
  while (reader.next(row)) rows.push_back(row);
  MNEME_CHECK(sparse || std::ssize(rows) == classes,
              "{}: has {} lines, and {} classes were learned; is it of the same run as summary.json?", name,
              rows.size() + 1, classes);
  ConfusionMatrix confusion(classes);
  for (size_t i = 0; i < rows.size(); ++i) {
    const bool sound = sparse ? add_count(confusion, rows[i], named ? 7 : 3, 0, named ? 3 : 1)
                              : add_class(confusion, rows[i], static_cast<int>(i), named ? 3 : 1);
    MNEME_CHECK(sound, "{}: line {} is none that a run writes", name, rows[i].line);
  }
  return confusion;
}

}  // namespace mneme
