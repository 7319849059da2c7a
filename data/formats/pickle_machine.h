#pragma once
// The stack machine a pickle is a program for, cut down to data. Private to data/files/pickle*.cpp.

#include <unordered_map>

#include "data/formats/pickle.h"

namespace mneme {

/// Parses the bytes of a Pickle into its values. Every function throws Error, beginning with the Pickle's name, for
/// what is damaged or no plain data. The opcodes are named as in Python's pickletools.
class PickleMachine {
 public:
  /// Will parse the bytes of `out` into the same Pickle, which must outlive the machine.
  explicit PickleMachine(Pickle& out) : out_(out), in_(out.bytes_) {}

  /// Parses all bytes and sets the root of the Pickle. Throws Error also if values are left over, bytes follow the end,
  /// or there are too many values.
  void run();

 private:
  using Kind = PickleValue::Kind;

  // input
  void require(bool condition, std::string_view what) const;
  std::string_view take(uint64_t count);
  unsigned char byte() { return static_cast<unsigned char>(take(1)[0]); }
  uint64_t little_endian(int bytes);
  std::string_view line();

  // stack
  bool push(PickleValue value);
  bool push_integer(int64_t value, Kind kind = Kind::integer) { return push({kind, value, {}}); }
  bool push_string(Kind kind, uint64_t length) { return push({kind, 0, take(length)}); }
  bool push_decoded(Kind kind, std::string string);
  bool push_container(Kind kind, std::vector<PickleValue> items = {});
  bool push_array(PickleArray array);
  size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  PickleValue pop();
  std::vector<PickleValue> pop_count(size_t count);
  std::vector<PickleValue> pop_to_mark();
  PickleValue& top(Kind kind);
  bool extend(Kind kind, const std::vector<PickleValue>& items);
  bool drop_top();

  // opcodes, by groups; false for an opcode of another group
  bool scalar(unsigned char op);
  bool line_scalar(unsigned char op);
  bool string(unsigned char op);
  bool container(unsigned char op);
  bool memo(unsigned char op);
  bool object(unsigned char op);
  bool protocol(int version);
  bool long_integer(uint64_t bytes);
  bool remember(uint64_t place);
  bool recall(uint64_t place);
  uint64_t place_in_line();

  // the known calls
  bool global(std::string_view module, std::string_view name);
  bool reduce();
  bool build();
  bool dtype(const std::vector<PickleValue>& arguments);
  bool numpy_scalar(const std::vector<PickleValue>& arguments);
  bool encoded_bytes(const std::vector<PickleValue>& arguments);
  bool byte_array(const std::vector<PickleValue>& arguments);
  bool dict_of_pairs(const std::vector<PickleValue>& arguments);
  bool set_of(const std::vector<PickleValue>& arguments);
  PickleArray array_of(const PickleValue& shape, const PickleValue& type, const PickleValue& data, bool fortran);
  std::string_view decoded(std::string string);

  Pickle& out_;
  std::string_view in_;
  size_t at_ = 0;
  uint64_t decoded_size_ = 0;
  std::vector<PickleValue> stack_;
  std::vector<size_t> marks_;
  std::vector<ElementType> dtypes_;
  std::unordered_map<uint64_t, PickleValue> memo_;
};

}  // namespace mneme
