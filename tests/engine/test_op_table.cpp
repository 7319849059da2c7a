// Applies every check to every row of the table of operations.

#include <doctest/doctest.h>

#include <regex>
#include <set>

#include "data/files/file_bytes.h"
#include "tests/engine/op_table.h"
#include "tests/support/gradcheck.h"
#include "tests/support/op_checks.h"
#include "tests/support/paths.h"

namespace mneme::test {
namespace {

using Images = Setting::Images;

/// Every setting in which a row can run, besides the reference device in double precision.
std::vector<Setting> settings_for(const OpRow& row) {
  std::vector<Setting> settings = {{Device::reference, DType::f32}};
  for (const Device device : {Device::cpu, Device::cuda}) {
    if (!device_available(device)) continue;
    settings.push_back({device, DType::f32});
    settings.push_back({device, DType::f32, Images::preferred, true});
    settings.push_back({device, DType::f32, Images::plain});
    if (row.any_layout) settings.push_back({device, DType::f32, Images::channels_last});
  }
  return settings;
}

/// The functions that a header declares as `Tensor name(`.
std::set<std::string> declared_ops(const std::string& header) {
  static const std::regex declaration("(?:^|\\n)Tensor (\\w+)\\(");
  std::set<std::string> names;
  for (std::sregex_iterator at(header.begin(), header.end(), declaration), end; at != end; ++at) names.insert((*at)[1]);
  return names;
}

std::set<std::string> ops_with_rows() {
  std::set<std::string> names;
  for (const OpRow& row : op_table()) names.insert(row.op());
  return names;
}

std::set<std::string> without(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::set<std::string> rest;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(rest, rest.end()));
  return rest;
}

TEST_CASE("every operation declared in engine/ops.h has a row, and every row an operation") {
  const std::set<std::string> declared = declared_ops(read_file(source_path("engine/ops.h"))), tested = ops_with_rows();
  REQUIRE(declared.size() > 20);
  for (const std::string& name : without(declared, tested))
    FAIL_CHECK("engine/ops.h declares ", name, ", which has no row in tests/engine/op_table.cpp");
  for (const std::string& name : without(tested, declared))
    FAIL_CHECK("the table has rows of ", name, ", which engine/ops.h does not declare");
}

TEST_CASE("an operation without a row is noticed") {
  const std::set<std::string> declared =
      declared_ops(read_file(source_path("engine/ops.h")) + "\nTensor brand_new(const Tensor& x);\n");
  CHECK(without(declared, ops_with_rows()) == std::set<std::string>{"brand_new"});
}

TEST_CASE("no two rows have the same name") {
  std::set<std::string> names;
  for (const OpRow& row : op_table()) CHECK_MESSAGE(names.insert(row.name).second, row.name);
}

TEST_CASE("every operation's gradients match differences to one part in a million") {
  for (const OpRow& row : op_table()) {
    const std::string fault = gradient_fault(row);
    CHECK_MESSAGE(fault.empty(), fault);
  }
}

TEST_CASE("every device and layout gives the reference's numbers, forward and backward") {
  for (const OpRow& row : op_table()) {
    const Results expected = run(row, exact);
    for (const Setting& setting : settings_for(row)) {
      const std::string fault = agreement_fault(row, setting, expected);
      CHECK_MESSAGE(fault.empty(), fault);
    }
  }
}

TEST_CASE("every element of every result is written, and none is read before") {
  for (const OpRow& row : op_table())
    for (const Setting& setting : settings_for(row)) {
      const std::string fault = unwritten_fault(row, setting);
      CHECK_MESSAGE(fault.empty(), fault);
    }
}

TEST_CASE("gradients from two uses and from two walks add up") {
  for (const OpRow& row : op_table()) {
    std::string fault = addition_fault(row, exact, 1e-14);
    CHECK_MESSAGE(fault.empty(), fault);
    for (const Setting& setting : settings_for(row)) {
      fault = addition_fault(row, setting, 1e-6);
      CHECK_MESSAGE(fault.empty(), fault);
    }
  }
}

TEST_CASE("an input's gradient does not depend on which others want theirs") {
  for (const OpRow& row : op_table())
    for (const Setting& setting : settings_for(row)) {
      const std::string fault = wanted_fault(row, setting);
      CHECK_MESSAGE(fault.empty(), fault);
    }
}

TEST_CASE("no operation leaves memory behind, recorded or walked") {
  for (const OpRow& row : op_table())
    for (const Setting& setting : settings_for(row)) {
      const std::string fault = leak_fault(row, setting);
      CHECK_MESSAGE(fault.empty(), fault);
    }
}

TEST_CASE("every row runs on the GPU where there is one") {
  if (device_available(Device::cuda)) {
    for (const OpRow& row : op_table()) CHECK_NOTHROW((void)run(row, {Device::cuda, DType::f32}));
  } else {
    MESSAGE("skipped: no CUDA device; ", op_table().size(), " rows were not run there");
  }
}

}  // namespace
}  // namespace mneme::test
