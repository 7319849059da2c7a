#include "data/files/pickle.h"

#include <array>
#include <cassert>
#include <unordered_map>

#include "engine/base/error.h"

namespace mneme {

using Kind = PickleValue::Kind;

namespace {

// The full CIFAR-100 training file has about 300,000.
constexpr int most_opcodes = 2'000'000;

// The Python objects NumPy arrays and Python 3's byte strings are written with. NumPy 2 renamed its modules.
enum class Callable : int64_t { reconstruct, from_buffer, ndarray, dtype, encode };

struct KnownGlobal {
  std::string_view module, name;
  Callable callable;
};

constexpr std::array known_globals{
    KnownGlobal{"numpy.core.multiarray", "_reconstruct", Callable::reconstruct},
    KnownGlobal{"numpy._core.multiarray", "_reconstruct", Callable::reconstruct},
    KnownGlobal{"numpy.core.numeric", "_frombuffer", Callable::from_buffer},
    KnownGlobal{"numpy._core.numeric", "_frombuffer", Callable::from_buffer},
    KnownGlobal{"numpy", "ndarray", Callable::ndarray},
    KnownGlobal{"numpy", "dtype", Callable::dtype},
    KnownGlobal{"_codecs", "encode", Callable::encode},
};

}  // namespace

/// The stack machine a pickle is a program for, cut down to its data opcodes.
class PickleMachine {
 public:
  explicit PickleMachine(Pickle& out) : out_(out), in_(out.bytes_) {}

  void run() {
    for (int count = 0;; ++count) {
      MNEME_CHECK(count < most_opcodes, "{}: more than {} pickled values; this is no image set", out_.name_,
                  most_opcodes);
      const size_t at = at_;
      const unsigned char op = byte();
      if (op == '.') break;
      if (!(scalar(op) || string(op) || container(op) || memo(op) || object(op)))
        fail("{}: pickle opcode 0x{:02x} at byte {} is not plain data; the file is damaged or no image set", out_.name_,
             op, at);
    }
    require(stack_.size() == 1 && marks_.empty(), "leaves values behind");
    require(at_ == in_.size(), "goes on after its end");
    out_.root_ = stack_.back();
  }

 private:
  // --- input ---

  void require(bool condition, std::string_view what) const {
    MNEME_CHECK(condition, "{}: the pickle {} (byte {} of {}); the file is damaged, fetch it again", out_.name_, what,
                at_, in_.size());
  }

  std::string_view take(uint64_t count) {
    MNEME_CHECK(count <= in_.size() - at_,
                "{}: ends in the middle of a value, {} bytes long; the file is truncated, fetch it again", out_.name_,
                in_.size());
    at_ += count;
    return in_.substr(at_ - count, count);
  }

  unsigned char byte() { return static_cast<unsigned char>(take(1)[0]); }

  uint64_t little_endian(int bytes) {
    uint64_t value = 0;
    for (int i = 0; i < bytes; ++i) value |= uint64_t{byte()} << (8 * i);
    return value;
  }

  std::string_view line() {
    const size_t end = in_.find('\n', at_);
    require(end != std::string_view::npos, "has a name without an end");
    const std::string_view text = take(end - at_);
    take(1);
    return text;
  }

  // --- stack ---

  bool push(PickleValue value) {
    stack_.push_back(value);
    return true;
  }

  bool push_integer(int64_t value, Kind kind = Kind::integer) { return push({kind, value, {}}); }
  bool push_string(Kind kind, uint64_t length) { return push({kind, 0, take(length)}); }

  bool push_container(Kind kind, std::vector<PickleValue> items = {}) {
    out_.containers_.push_back(std::move(items));
    return push_integer(static_cast<int64_t>(out_.containers_.size()) - 1, kind);
  }

  size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  PickleValue pop() {
    require(stack_.size() > floor(), "takes a value that is not there");
    const PickleValue value = stack_.back();
    stack_.pop_back();
    return value;
  }

  std::vector<PickleValue> pop_count(size_t count) {
    require(stack_.size() - floor() >= count, "takes values that are not there");
    std::vector<PickleValue> items(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return items;
  }

  std::vector<PickleValue> pop_to_mark() {
    require(!marks_.empty(), "lacks a mark");
    const std::vector<PickleValue> items = pop_count(stack_.size() - floor());
    marks_.pop_back();
    return items;
  }

  PickleValue& top(Kind kind) {
    require(stack_.size() > floor() && stack_.back().kind == kind, "fills a container that is not there");
    return stack_.back();
  }

  bool extend(Kind kind, const std::vector<PickleValue>& items) {
    require(kind == Kind::list || items.size() % 2 == 0, "has a key without a value");
    std::vector<PickleValue>& into = out_.containers_[static_cast<size_t>(top(kind).integer)];
    into.insert(into.end(), items.begin(), items.end());
    return true;
  }

  // --- opcodes ---

  bool scalar(unsigned char op) {
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
      default: return false;
    }
  }

  bool protocol(int version) {
    MNEME_CHECK(version >= 2 && version <= 5, "{}: pickle protocol {}; write it with protocol 2, 3, 4 or 5", out_.name_,
                version);
    return true;
  }

  bool long_integer(int bytes) {
    require(bytes <= 8, "has an integer of more than 64 bits");
    const uint64_t value = little_endian(bytes);
    const bool negative = bytes > 0 && bytes < 8 && (value >> (8 * bytes - 1) & 1);
    return push_integer(static_cast<int64_t>(negative ? value | ~uint64_t{0} << (8 * bytes) : value));
  }

  bool string(unsigned char op) {
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
      default: return false;
    }
  }

  bool container(unsigned char op) {
    switch (op) {
      case '(': return marks_.push_back(stack_.size()), true;
      case ']': return push_container(Kind::list);
      case '}': return push_container(Kind::dict);
      case ')': return push_container(Kind::tuple);
      case 0x85: return push_container(Kind::tuple, pop_count(1));
      case 0x86: return push_container(Kind::tuple, pop_count(2));
      case 0x87: return push_container(Kind::tuple, pop_count(3));
      case 't': return push_container(Kind::tuple, pop_to_mark());
      case 'a': return extend(Kind::list, pop_count(1));
      case 'e': return extend(Kind::list, pop_to_mark());
      case 's': return extend(Kind::dict, pop_count(2));
      case 'u': return extend(Kind::dict, pop_to_mark());
      default: return false;
    }
  }

  bool memo(unsigned char op) {
    switch (op) {
      case 'q': return remember(little_endian(1));
      case 'r': return remember(little_endian(4));
      case 0x94: return remember(memo_.size());
      case 'h': return recall(little_endian(1));
      case 'j': return recall(little_endian(4));
      default: return false;
    }
  }

  bool remember(uint64_t place) {
    require(stack_.size() > floor(), "notes a value that is not there");
    memo_[place] = stack_.back();
    return true;
  }

  bool recall(uint64_t place) {
    const auto found = memo_.find(place);
    require(found != memo_.end(), "recalls a value it never noted");
    return push(found->second);
  }

  bool object(unsigned char op) {
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
      case 'R': return reduce();
      case 'b': return build();
      default: return false;
    }
  }

  // --- the known calls ---

  bool global(std::string_view module, std::string_view name) {
    for (const KnownGlobal& known : known_globals)
      if (known.module == module && known.name == name)
        return push_integer(static_cast<int64_t>(known.callable), Kind::global);
    fail("{}: names the Python object {}.{}; only plain data and NumPy arrays are read", out_.name_, printable(module),
         printable(name));
  }

  static std::string printable(std::string_view text) {
    std::string out(text.substr(0, 60));
    for (char& c : out)
      if (c < ' ' || c > '~') c = '?';
    return out;
  }

  bool reduce() {
    const PickleValue arguments = pop(), callable = pop();
    require(callable.kind == Kind::global && arguments.kind == Kind::tuple, "calls something that is no function");
    const std::vector<PickleValue>& a = out_.containers_[static_cast<size_t>(arguments.integer)];
    switch (static_cast<Callable>(callable.integer)) {
      case Callable::reconstruct: return push_array({});
      case Callable::dtype: return element_type(a);
      case Callable::encode: return encode(a);
      case Callable::from_buffer:
        require(a.size() == 4 && a[0].is_string() && a[3].is_string() && a[3].string == "C",
                "has an array in an unknown form");
        return push_array(array_of(a[2], a[1], a[0]));
      case Callable::ndarray: break;
    }
    fail("{}: calls numpy.ndarray; only arrays as NumPy pickles them are read", out_.name_);
  }

  bool push_array(PickleArray array) {
    out_.arrays_.push_back(std::move(array));
    return push_integer(static_cast<int64_t>(out_.arrays_.size()) - 1, Kind::array);
  }

  /// Booleans, integers and floating-point numbers, whose names end in their bytes.
  bool element_type(const std::vector<PickleValue>& a) {
    require(!a.empty() && a[0].is_string(), "has an array without a type");
    const std::string_view type = a[0].string;
    const bool plain = type.size() == 2 && std::string_view("biuf").find(type[0]) != std::string_view::npos &&
                       std::string_view("1248").find(type[1]) != std::string_view::npos;
    MNEME_CHECK(plain, "{}: holds an array of type '{}'; only arrays of numbers are read", out_.name_, printable(type));
    return push({Kind::dtype, type[1] - '0', type});
  }

  PickleArray array_of(const PickleValue& shape, const PickleValue& type, const PickleValue& data) const {
    require(shape.kind == Kind::tuple && type.kind == Kind::dtype && data.kind == Kind::bytes,
            "has an array in an unknown form");
    PickleArray array{{}, data.string, type.string};
    uint64_t size = static_cast<uint64_t>(type.integer);
    for (const PickleValue& extent : out_.items(shape)) {
      require(extent.kind == Kind::integer && extent.integer > 0 &&
                  static_cast<uint64_t>(extent.integer) <= data.string.size() / size,
              "has an array whose shape does not fit its bytes");
      size *= static_cast<uint64_t>(extent.integer);
      array.shape.push_back(extent.integer);
    }
    require(size == data.string.size(), "has an array whose shape does not fit its bytes");
    return array;
  }

  // Python 3 writes b'...' in protocol 2 as codecs.encode(u'...', 'latin1'). The results of all calls together must not
  // outgrow the file, lest one noted text be encoded again and again.
  bool encode(const std::vector<PickleValue>& a) {
    require(a.size() == 2 && a[0].kind == Kind::text && a[1].is_string() && a[1].string == "latin1",
            "encodes a text in an unknown way");
    const std::string_view text = a[0].string;
    require((encoded_size_ += text.size()) <= in_.size(), "repeats itself");
    std::string bytes;
    bytes.reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
      const unsigned c = static_cast<unsigned char>(text[i]);
      if (c < 0x80) {
        bytes.push_back(text[i]);
        continue;
      }
      const unsigned low = i + 1 < text.size() ? static_cast<unsigned char>(text[++i]) : 0u;
      require((c == 0xc2 || c == 0xc3) && (low & 0xc0) == 0x80, "has a text that is not latin1");
      bytes.push_back(static_cast<char>((c & 3) << 6 | (low & 0x3f)));
    }
    out_.encoded_.push_back(std::move(bytes));
    return push({Kind::bytes, 0, out_.encoded_.back()});
  }

  // Sets the state of an array made by _reconstruct: (version, shape, type, Fortran order, bytes). A type's state says
  // how its bytes are ordered, which for single bytes says nothing; wider numbers are handed out as bytes.
  bool build() {
    const PickleValue state = pop();
    require(stack_.size() > floor() && state.kind == Kind::tuple, "sets the state of nothing");
    const PickleValue object = stack_.back();
    if (object.kind == Kind::dtype) return true;
    const std::span<const PickleValue> s = out_.items(state);
    require(object.kind == Kind::array && s.size() == 5, "has an array in an unknown form");
    MNEME_CHECK(s[3].integer == 0, "{}: holds an array in Fortran order; write it again with numpy.ascontiguousarray",
                out_.name_);
    out_.arrays_[static_cast<size_t>(object.integer)] = array_of(s[1], s[2], s[4]);
    return true;
  }

  Pickle& out_;
  std::string_view in_;
  size_t at_ = 0;
  uint64_t encoded_size_ = 0;
  std::vector<PickleValue> stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint64_t, PickleValue> memo_;
};

Pickle::Pickle(std::string bytes, std::string name) : bytes_(std::move(bytes)), name_(std::move(name)) {
  PickleMachine(*this).run();
}

std::span<const PickleValue> Pickle::items(const PickleValue& container) const {
  assert(container.kind == Kind::list || container.kind == Kind::tuple || container.kind == Kind::dict);
  return containers_[static_cast<size_t>(container.integer)];
}

const PickleArray& Pickle::array(const PickleValue& value) const {
  assert(value.kind == Kind::array);
  return arrays_[static_cast<size_t>(value.integer)];
}

const PickleValue* Pickle::find(const PickleValue& dict, std::string_view key) const {
  const std::span<const PickleValue> pairs = items(dict);
  for (size_t i = pairs.size(); i > 0; i -= 2)  // a later key replaces an earlier one
    if (pairs[i - 2].is_string() && pairs[i - 2].string == key) return &pairs[i - 1];
  return nullptr;
}

}  // namespace mneme
