#include "incremental/options/option.h"

#include <algorithm>
#include <charconv>

#include "engine/base/error.h"

namespace mneme {
namespace {

template <class Number>
void read_number(const Option& row, const std::string& text, Number& value, const char* wanted) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) fail_usage("{} takes {}, got '{}'", row.flag, wanted, text);
}

}  // namespace

std::string Range::text() const {
  if (most < std::numeric_limits<double>::infinity())
    return fmt::format("lie in {}{}, {}{}", least_allowed ? '[' : '(', least, most, most_allowed ? ']' : ')');
  if (least > -std::numeric_limits<double>::infinity())
    return fmt::format("be {} {}", least_allowed ? "at least" : "more than", least);
  return {};
}

void Range::check(const std::string& flag, double value) const {
  if (contains(value)) return;
  const std::string wanted = text();
  fail_usage("{} must {}, got {}", flag, wanted.empty() ? "be a finite number" : wanted, value);
}

std::string Option::key() const {
  std::string name = flag + 2;
  std::ranges::replace(name, '-', '_');
  return name;
}

void Option::check(const MethodOptions& options) const {
  const nlohmann::json now = value(options);
  if (now.is_number()) range.check(flag, now.get<double>());
}

namespace option_values {

void read(const Option& row, const std::string& text, double& value) { read_number(row, text, value, "a number"); }
void read(const Option& row, const std::string& text, int& value) { read_number(row, text, value, "a whole number"); }
void read(const Option& row, const std::string& text, bool& value) {
  if (text != "true" && text != "false") fail_usage("{} takes true or false, got '{}'", row.flag, text);
  value = text == "true";
}

}  // namespace option_values
}  // namespace mneme
