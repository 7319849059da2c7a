// A pickle holds NumPy arrays and a few other plain values as calls of Python functions. This file does the same
// without Python.
#include <array>

#include "data/formats/pickle_machine.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

/// The known functions and types. NumPy 2 renamed its modules, and Python 3 its `__builtin__`.
enum class Callable : int64_t {
  reconstruct,
  from_buffer,
  scalar,
  dtype,
  encode,
  bytes,
  byte_array,
  set,
  dict,
  ordered_dict,
  only_named
};

struct KnownGlobal {
  std::string_view module, name;
  Callable callable;
};

constexpr std::array known_globals{
    KnownGlobal{"numpy.core.multiarray", "_reconstruct", Callable::reconstruct},
    KnownGlobal{"numpy._core.multiarray", "_reconstruct", Callable::reconstruct},
    KnownGlobal{"numpy.core.numeric", "_frombuffer", Callable::from_buffer},
    KnownGlobal{"numpy._core.numeric", "_frombuffer", Callable::from_buffer},
    KnownGlobal{"numpy.core.multiarray", "scalar", Callable::scalar},
    KnownGlobal{"numpy._core.multiarray", "scalar", Callable::scalar},
    KnownGlobal{"numpy", "ndarray", Callable::only_named},
    KnownGlobal{"numpy", "dtype", Callable::dtype},
    KnownGlobal{"_codecs", "encode", Callable::encode},
    KnownGlobal{"collections", "OrderedDict", Callable::ordered_dict},
    KnownGlobal{"collections", "defaultdict", Callable::dict},
    KnownGlobal{"builtins", "bytes", Callable::bytes},
    KnownGlobal{"__builtin__", "bytes", Callable::bytes},
    KnownGlobal{"builtins", "bytearray", Callable::byte_array},
    KnownGlobal{"__builtin__", "bytearray", Callable::byte_array},
    KnownGlobal{"builtins", "set", Callable::set},
    KnownGlobal{"__builtin__", "set", Callable::set},
    KnownGlobal{"builtins", "frozenset", Callable::set},
    KnownGlobal{"__builtin__", "frozenset", Callable::set},
    KnownGlobal{"builtins", "list", Callable::only_named},
    KnownGlobal{"__builtin__", "list", Callable::only_named},
    KnownGlobal{"builtins", "int", Callable::only_named},
    KnownGlobal{"__builtin__", "int", Callable::only_named},
};

std::string printable(std::string_view text) {
  std::string out(text.substr(0, 60));
  for (char& c : out)
    if (c < ' ' || c > '~') c = '?';
  return out;
}

}  // namespace

bool PickleMachine::global(std::string_view module, std::string_view name) {
  for (const KnownGlobal& known : known_globals)
    if (known.module == module && known.name == name)
      return push({Kind::global, static_cast<int64_t>(known.callable), known.name});
  fail("{}: names the Python object {}.{}; only plain data and NumPy arrays are read", out_.name_, printable(module),
       printable(name));
}

bool PickleMachine::reduce() {
  const PickleValue arguments = pop(), callable = pop();
  require(callable.kind == Kind::global && arguments.kind == Kind::tuple, "calls something that is no function");
  const std::vector<PickleValue> a = out_.containers_[static_cast<size_t>(arguments.integer)];
  switch (static_cast<Callable>(callable.integer)) {
    case Callable::reconstruct: return push_array({});
    case Callable::from_buffer:
      require(a.size() == 4 && a[0].is_string() && a[3].is_string(), "has an array in an unknown form");
      return push_array(array_of(a[2], a[1], a[0], a[3].string == "F"));
    case Callable::scalar: return numpy_scalar(a);
    case Callable::dtype: return dtype(a);
    case Callable::encode: return encoded_bytes(a);
    case Callable::bytes:
    case Callable::byte_array: return byte_array(a);
    case Callable::set: return set_of(a);
    case Callable::dict: return push_container(Kind::dict);
    case Callable::ordered_dict: return dict_of_pairs(a);
    case Callable::only_named: break;
  }
  fail("{}: calls {}; only plain data, and arrays as NumPy pickles them, are read", out_.name_,
       printable(callable.string == "ndarray" ? "numpy.ndarray" : callable.string));
}

/// numpy.dtype(name, False, True), whose state follows by BUILD.
bool PickleMachine::dtype(const std::vector<PickleValue>& a) {
  require(!a.empty() && a[0].is_string(), "has an array without a type");
  const std::optional<ElementType> type = element_type(a[0].string);
  MNEME_CHECK(type, "{}: holds an array of type '{}'; only arrays of numbers, texts and plain objects are read",
              out_.name_, printable(a[0].string));
  dtypes_.push_back(*type);
  return push_integer(static_cast<int64_t>(dtypes_.size()) - 1, Kind::dtype);
}

/// numpy.core.multiarray.scalar(dtype, bytes): a number that NumPy made, such as numpy.int64(3).
bool PickleMachine::numpy_scalar(const std::vector<PickleValue>& a) {
  require(a.size() == 2 && a[0].kind == Kind::dtype && a[1].kind == Kind::bytes, "has a number in an unknown form");
  const ElementType& type = dtypes_[static_cast<size_t>(a[0].integer)];
  require(a[1].string.size() == type.bytes, "has a number of another size than its type");
  if (const std::optional<int64_t> value = whole_number_in(a[1].string, type)) return push_integer(*value);
  return push({Kind::real, 0, {}});
}

/// Python 3 writes b'...' in protocols 0 to 2 as codecs.encode(u'...', 'latin1').
bool PickleMachine::encoded_bytes(const std::vector<PickleValue>& a) {
  require(a.size() == 2 && a[0].kind == Kind::text && a[1].is_string() &&
              (a[1].string == "latin1" || a[1].string == "latin-1"),
          "encodes a text in an unknown way");
  std::optional<std::string> bytes = latin1_bytes(a[0].string);
  require(bytes.has_value(), "has a text that is not latin1");
  return push_decoded(Kind::bytes, std::move(*bytes));
}

/// bytes(), bytearray(), bytearray(b'...') and bytearray(u'...', 'latin-1').
bool PickleMachine::byte_array(const std::vector<PickleValue>& a) {
  if (a.empty()) return push({Kind::bytes, 0, {}});
  if (a.size() == 2) return encoded_bytes(a);
  require(a[0].kind == Kind::bytes, "has bytes in an unknown form");
  return push(a[0]);
}

/// set(list) and frozenset(list), whose items are handed out as a list.
bool PickleMachine::set_of(const std::vector<PickleValue>& a) {
  if (a.empty()) return push_container(Kind::list);
  require(a.size() == 1 && (a[0].kind == Kind::list || a[0].kind == Kind::tuple), "has a set in an unknown form");
  return push({Kind::list, a[0].integer, {}});
}

/// OrderedDict() and, by Python 2, OrderedDict([[key, value], ...]).
bool PickleMachine::dict_of_pairs(const std::vector<PickleValue>& a) {
  std::vector<PickleValue> items;
  require(a.empty() || (a.size() == 1 && a[0].kind == Kind::list), "has a dictionary in an unknown form");
  for (const PickleValue& pair : a.empty() ? std::span<const PickleValue>() : out_.items(a[0])) {
    const bool is_pair = (pair.kind == Kind::list || pair.kind == Kind::tuple) && out_.items(pair).size() == 2;
    require(is_pair, "has a dictionary in an unknown form");
    for (const PickleValue& each : out_.items(pair)) items.push_back(each);
  }
  return push_container(Kind::dict, std::move(items));
}

PickleArray PickleMachine::array_of(const PickleValue& shape, const PickleValue& type, const PickleValue& data,
                                    bool fortran) {
  require(shape.kind == Kind::tuple && type.kind == Kind::dtype, "has an array in an unknown form");
  PickleArray array{.type = dtypes_[static_cast<size_t>(type.integer)]};
  const bool holds_objects = array.type.name == "O";
  require(data.kind == (holds_objects ? Kind::list : Kind::bytes), "has an array in an unknown form");
  const uint64_t available = holds_objects ? out_.items(data).size() : data.string.size();
  uint64_t size = holds_objects ? 1 : array.type.bytes;
  for (const PickleValue& extent : out_.items(shape)) {
    const bool fits = extent.kind == Kind::integer && extent.integer >= 0 &&
                      (size == 0 || static_cast<uint64_t>(extent.integer) <= available / size);
    require(fits, "has an array whose shape does not fit its bytes");
    size *= static_cast<uint64_t>(extent.integer);
    array.shape.push_back(extent.integer);
  }
  require(size == available, "has an array whose shape does not fit its bytes");
  const bool one_axis = array.shape.size() <= 1;
  MNEME_CHECK(!holds_objects || one_axis || !fortran,
              "{}: holds an array of objects in Fortran order; write it again "
              "with numpy.ascontiguousarray",
              out_.name_);
  if (holds_objects)
    array.objects = data;
  else
    array.bytes = fortran && !one_axis ? decoded(in_c_order(data.string, array.shape, array.type.bytes)) : data.string;
  return array;
}

/// Sets the state of an array made by _reconstruct: (version, shape, type, Fortran order, bytes), or of a type:
/// (version, byte order, ...).
bool PickleMachine::build() {
  const PickleValue state = pop();
  require(stack_.size() > floor() && state.kind == Kind::tuple, "sets the state of nothing");
  const PickleValue object = stack_.back();
  const std::vector<PickleValue> s = out_.containers_[static_cast<size_t>(state.integer)];
  if (object.kind == Kind::dtype) {
    if (s.size() > 1 && s[1].is_string()) dtypes_[static_cast<size_t>(object.integer)].big_endian = s[1].string == ">";
    return true;
  }
  require(object.kind == Kind::array && s.size() == 5, "has an array in an unknown form");
  out_.arrays_[static_cast<size_t>(object.integer)] = array_of(s[1], s[2], s[4], s[3].integer != 0);
  return true;
}

}  // namespace mneme
