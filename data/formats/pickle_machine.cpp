#include "data/formats/pickle_machine.h"

#include <algorithm>

#include "data/files/whole_number.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

// 50,000 records whose labels are NumPy's numbers take 1,500,000.
constexpr int most_opcodes = 4'000'000;

}  // namespace

void PickleMachine::run() {
  for (int count = 0;; ++count) {
    MNEME_CHECK(count < most_opcodes, "{}: more than {} pickled values; this is no image set", out_.name_,
                most_opcodes);
    const size_t at = at_;
    const unsigned char op = byte();
    if (op == '.') break;
    if (!(scalar(op) || line_scalar(op) || string(op) || container(op) || memo(op) || object(op)))
      fail("{}: pickle opcode 0x{:02x} at byte {} is not plain data; the file is damaged or no image set", out_.name_,
           op, at);
  }
  require(stack_.size() == 1 && marks_.empty(), "leaves values behind");
  require(at_ == in_.size(), "goes on after its end");
  out_.root_ = stack_.back();
}

// --- input ---

void PickleMachine::require(bool condition, std::string_view what) const {
  MNEME_CHECK(condition, "{}: the pickle {} (byte {} of {}); the file is damaged, fetch it again", out_.name_, what,
              at_, in_.size());
}

std::string_view PickleMachine::take(uint64_t count) {
  MNEME_CHECK(count <= in_.size() - at_,
              "{}: ends in the middle of a value, {} bytes long; the file is truncated, fetch it again", out_.name_,
              in_.size());
  at_ += count;
  return in_.substr(at_ - count, count);
}

uint64_t PickleMachine::little_endian(int bytes) {
  uint64_t value = 0;
  for (int i = 0; i < bytes; ++i) value |= uint64_t{byte()} << (8 * i);
  return value;
}

/// Up to the next line end, which is taken, too.
std::string_view PickleMachine::line() {
  const size_t end = in_.find('\n', at_);
  require(end != std::string_view::npos, "has a name without an end");
  const std::string_view text = take(end - at_);
  take(1);
  return text;
}

// --- stack ---

bool PickleMachine::push(PickleValue value) {
  stack_.push_back(value);
  return true;
}

/// Keeps a string that does not stand in the file as it is. All of them together must not outgrow the file, lest one
/// noted value be decoded again and again.
std::string_view PickleMachine::decoded(std::string string) {
  require((decoded_size_ += string.size()) <= 2 * in_.size(), "repeats itself");
  return out_.decoded_.emplace_back(std::move(string));
}

bool PickleMachine::push_decoded(Kind kind, std::string string) { return push({kind, 0, decoded(std::move(string))}); }

bool PickleMachine::push_container(Kind kind, std::vector<PickleValue> items) {
  out_.containers_.push_back(std::move(items));
  return push_integer(static_cast<int64_t>(out_.containers_.size()) - 1, kind);
}

bool PickleMachine::push_array(PickleArray array) {
  out_.arrays_.push_back(std::move(array));
  return push_integer(static_cast<int64_t>(out_.arrays_.size()) - 1, Kind::array);
}

PickleValue PickleMachine::pop() {
  require(stack_.size() > floor(), "takes a value that is not there");
  const PickleValue value = stack_.back();
  stack_.pop_back();
  return value;
}

std::vector<PickleValue> PickleMachine::pop_count(size_t count) {
  require(stack_.size() - floor() >= count, "takes values that are not there");
  std::vector<PickleValue> items(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
  stack_.resize(stack_.size() - count);
  return items;
}

std::vector<PickleValue> PickleMachine::pop_to_mark() {
  require(!marks_.empty(), "lacks a mark");
  const std::vector<PickleValue> items = pop_count(stack_.size() - floor());
  marks_.pop_back();
  return items;
}

PickleValue& PickleMachine::top(Kind kind) {
  require(stack_.size() > floor() && stack_.back().kind == kind, "fills a container that is not there");
  return stack_.back();
}

bool PickleMachine::extend(Kind kind, const std::vector<PickleValue>& items) {
  require(kind == Kind::list || items.size() % 2 == 0, "has a key without a value");
  std::vector<PickleValue>& into = out_.containers_[static_cast<size_t>(top(kind).integer)];
  into.insert(into.end(), items.begin(), items.end());
  return true;
}

/// POP takes a mark away where nothing lies on it.
bool PickleMachine::drop_top() {
  if (!marks_.empty() && stack_.size() == floor())
    marks_.pop_back();
  else
    pop();
  return true;
}

// --- opcodes ---

bool PickleMachine::scalar(unsigned char op) {
  switch (op) {
    case 0x80: return protocol(byte());
    case 0x95: return take(8), true;  // frame: a hint for buffered reading
    case 'N': return push({});
    case 0x88: return push_integer(1, Kind::boolean);
    case 0x89: return push_integer(0, Kind::boolean);
    case 'K': return push_integer(static_cast<int64_t>(little_endian(1)));
    case 'M': return push_integer(static_cast<int64_t>(little_endian(2)));
    case 'J': return push_integer(static_cast<int32_t>(little_endian(4)));
    case 0x8a: return long_integer(byte());
    case 0x8b: return long_integer(little_endian(4));
    case 'G': return take(8), push({Kind::real, 0, {}});
    default: return false;
  }
}

/// Protocol 0 writes numbers as text, each on its line.
bool PickleMachine::line_scalar(unsigned char op) {
  if (op == 'F') return line(), push({Kind::real, 0, {}});
  if (op != 'I' && op != 'L') return false;
  std::string_view text = line();
  if (op == 'I' && (text == "00" || text == "01")) return push_integer(text == "01", Kind::boolean);
  if (text.ends_with('L')) text.remove_suffix(1);
  const std::optional<int64_t> value = whole_number<int64_t>(text);
  require(value.has_value(), "has an integer of more than 64 bits, or none");
  return push_integer(*value);
}

bool PickleMachine::protocol(int version) {
  MNEME_CHECK(version <= 5, "{}: pickle protocol {}; write it with protocol 5 or a lower one", out_.name_, version);
  return true;
}

bool PickleMachine::long_integer(uint64_t bytes) {
  require(bytes <= 8, "has an integer of more than 64 bits");
  const uint64_t value = little_endian(static_cast<int>(bytes));
  const bool negative = bytes > 0 && bytes < 8 && (value >> (8 * bytes - 1) & 1);
  return push_integer(static_cast<int64_t>(negative ? value | ~uint64_t{0} << (8 * bytes) : value));
}

bool PickleMachine::string(unsigned char op) {
  switch (op) {
    case 'U':
    case 'C': return push_string(Kind::bytes, little_endian(1));
    case 'T':
    case 'B': return push_string(Kind::bytes, little_endian(4));
    case 0x8e:
    case 0x96: return push_string(Kind::bytes, little_endian(8));
    case 0x8c: return push_string(Kind::text, little_endian(1));
    case 'X': return push_string(Kind::text, little_endian(4));
    case 0x8d: return push_string(Kind::text, little_endian(8));
    case 'S':
    case 'V': {
      std::optional<std::string> value = op == 'S' ? unquoted_bytes(line()) : unescaped_text(line());
      require(value.has_value(), "has a string in an unknown form");
      return push_decoded(op == 'S' ? Kind::bytes : Kind::text, std::move(*value));
    }
    default: return false;
  }
}

bool PickleMachine::container(unsigned char op) {
  switch (op) {
    case '(': return marks_.push_back(stack_.size()), true;
    case '0': return drop_top();
    case '1': return pop_to_mark(), true;
    case '2': require(stack_.size() > floor(), "takes a value that is not there"); return push(stack_.back());
    case ']':
    case 0x8f: return push_container(Kind::list);
    case '}': return push_container(Kind::dict);
    case ')': return push_container(Kind::tuple);
    case 'l':
    case 0x91: return push_container(Kind::list, pop_to_mark());
    case 'd': {
      std::vector<PickleValue> items = pop_to_mark();
      require(items.size() % 2 == 0, "has a key without a value");
      return push_container(Kind::dict, std::move(items));
    }
    case 0x85: return push_container(Kind::tuple, pop_count(1));
    case 0x86: return push_container(Kind::tuple, pop_count(2));
    case 0x87: return push_container(Kind::tuple, pop_count(3));
    case 't': return push_container(Kind::tuple, pop_to_mark());
    case 'a': return extend(Kind::list, pop_count(1));
    case 'e':
    case 0x90: return extend(Kind::list, pop_to_mark());
    case 's': return extend(Kind::dict, pop_count(2));
    case 'u': return extend(Kind::dict, pop_to_mark());
    default: return false;
  }
}

bool PickleMachine::memo(unsigned char op) {
  switch (op) {
    case 'q': return remember(little_endian(1));
    case 'r': return remember(little_endian(4));
    case 'p': return remember(place_in_line());
    case 0x94: return remember(memo_.size());
    case 'h': return recall(little_endian(1));
    case 'j': return recall(little_endian(4));
    case 'g': return recall(place_in_line());
    default: return false;
  }
}

uint64_t PickleMachine::place_in_line() {
  const std::optional<uint64_t> place = whole_number<uint64_t>(line());
  require(place.has_value(), "notes a value without a number");
  return *place;
}

bool PickleMachine::remember(uint64_t place) {
  require(stack_.size() > floor(), "notes a value that is not there");
  memo_[place] = stack_.back();
  return true;
}

bool PickleMachine::recall(uint64_t place) {
  const auto found = memo_.find(place);
  require(found != memo_.end(), "recalls a value it never noted");
  return push(found->second);
}

bool PickleMachine::object(unsigned char op) {
  switch (op) {
    case 'c': {
      const std::string_view module = line();
      return global(module, line());
    }
    case 0x93: {
      const PickleValue name = pop(), module = pop();
      require(name.is_string() && module.is_string(), "names a Python object without a string");
      return global(module.string, name.string);
    }
    case 0x81:  // NEWOBJ: a type called with its arguments
    case 'R': return reduce();
    case 'b': return build();
    default: return false;
  }
}

}  // namespace mneme
