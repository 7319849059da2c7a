#include "data/splits/class_order.h"

#include <array>
#include <numeric>

#include "data/files/text_lines.h"
#include "data/files/whole_number.h"
#include "data/splits/imagenet32_order.h"
#include "engine/base/error.h"
#include "engine/base/mersenne.h"
#include "engine/base/suggest.h"

namespace mneme {

namespace {

constexpr uint32_t icarl_seed = 1993;
constexpr std::array<std::string_view, 6> names{"identity", "icarl", "podnet", "ssil", "shuffled", "facil-300"};
constexpr std::string_view separators = ", \t\r\n";

}  // namespace

std::vector<int> identity_order(int classes) {
  std::vector<int> order(static_cast<size_t>(classes));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

std::vector<int> numpy_order(int classes, uint64_t seed) { return NumpyRandom(seed).permutation(classes); }

std::vector<int> podnet_order(int classes) {
  NumpyRandom random(icarl_seed);
  for (int c = 0; c < 100; ++c) random.permutation(500);
  return random.permutation(classes);
}

std::vector<int> inverse_order(std::span<const int> order) {
  return labels_by_class(order, static_cast<int>(order.size()));
}

std::vector<int> labels_by_class(std::span<const int> order, int classes) {
  std::vector<int> label(static_cast<size_t>(classes), -1);
  for (size_t k = 0; k < order.size(); ++k) label.at(static_cast<size_t>(order[k])) = static_cast<int>(k);
  return label;
}

void check_order(std::span<const int> order, int classes, std::string_view source) {
  if (order.empty())
    fail_usage("{}: the class order is empty; list at least one of the classes 0..{}", source, classes - 1);
  std::vector<bool> seen(static_cast<size_t>(classes));
  for (int c : order) {
    if (c < 0 || c >= classes)
      fail_usage("{}: class {} is not in this set; its classes are 0..{}", source, c, classes - 1);
    if (seen[static_cast<size_t>(c)])
      fail_usage("{}: class {} is listed twice; list every class at most once", source, c);
    seen[static_cast<size_t>(c)] = true;
  }
}

std::vector<int> parse_order(std::string_view text, int classes, std::string_view source) {
  std::vector<int> order;
  for (size_t at = text.find_first_not_of(separators); at != text.npos; at = text.find_first_not_of(separators, at)) {
    const std::string_view word = text.substr(at, text.find_first_of(separators, at) - at);
    const std::optional<int> number = whole_number<int>(unquoted(word));
    if (!number)
      fail_usage("{}: '{}' is no class number; write numbers 0..{} separated by commas or spaces", source, word,
                 classes - 1);
    order.push_back(*number);
    at += word.size();
  }
  check_order(order, classes, source);
  return order;
}

std::vector<int> read_order(const std::filesystem::path& file, int classes) {
  std::string numbers;
  for (const std::string& line : read_lines(file))
    if (!line.starts_with('#')) numbers += line + '\n';
  return parse_order(numbers, classes, file.string());
}

std::vector<int> facil_300_order() { return {facil_imagenet32_order.begin(), facil_imagenet32_order.end()}; }

std::vector<int> class_order(const std::string& text, int classes, uint64_t seed) {
  if (text == "identity") return identity_order(classes);
  if (text == "icarl") return numpy_order(classes, icarl_seed);
  if (text == "podnet") return podnet_order(classes);
  if (text == "facil-300") {
    if (classes == 1000) return facil_300_order();
    fail_usage("class order 'facil-300' chooses among ImageNet-32's 1000 classes; this set has {}", classes);
  }
  if (text == "ssil") return inverse_order(numpy_order(classes, 0));
  if (text == "shuffled") return numpy_order(classes, seed);
  if (text.starts_with("shuffled:")) {
    const std::optional<uint64_t> own = whole_number<uint64_t>(std::string_view(text).substr(9));
    if (!own) fail_usage("class order '{}': expected shuffled:N with a seed N from 0 to 18446744073709551615", text);
    return numpy_order(classes, *own);
  }
  if (!text.empty() && text.find_first_not_of("-0123456789, ") == text.npos)
    return parse_order(text, classes, "class order");
  if (std::filesystem::is_regular_file(text)) return read_order(text, classes);
  fail_unknown("class order (nor is it a list of class numbers or a file)", text, names);
}

int64_t order_checksum(std::span<const int> order) {
  int64_t sum = 0;
  for (size_t k = 0; k < order.size(); ++k) sum += static_cast<int64_t>(k + 1) * order[k];
  return sum;
}

}  // namespace mneme
