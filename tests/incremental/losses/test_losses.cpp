// Every row of the loss table is checked: its gradient against finite differences, its value against PyTorch
// (tests/golden/make_losses.py), all devices against each other, and memory leaks.

#include <doctest/doctest.h>

#include "tests/incremental/losses/loss_table.h"
#include "tests/support/golden.h"
#include "tests/support/gradcheck.h"
#include "tests/support/op_checks.h"

namespace mneme::test {
namespace {

using nlohmann::json;

Results stored(const json& row) {
  Results results{{}, row["y"].get<std::vector<double>>(), {}};
  for (const json& gradient : row["gradients"])
    results.gradients.push_back(gradient.is_null() ? std::vector<double>{} : gradient.get<std::vector<double>>());
  return results;
}

double finite_sum(const std::vector<double>& values) {
  double total = 0;
  for (const double v : values) total += std::isfinite(v) ? v : 0;
  return total;
}

TEST_CASE("PyTorch's loss values cover the rows of the table, all of them and no others") {
  for (const OpRow& row : loss_table())
    CHECK_MESSAGE(golden_file("losses.json")["rows"].contains(row.name), row.name, ": add it to tests/golden/make_losses.py");
  CHECK(golden_file("losses.json")["rows"].size() == loss_table().size());
}

TEST_CASE("the table of losses and PyTorch start from the same inputs") {
  for (const OpRow& row : loss_table()) {
    CAPTURE(row.name);
    const json& sums = golden_file("losses.json")["rows"].at(row.name)["inputs"];
    REQUIRE(sums.size() == row.inputs.size());
    for (size_t i = 0; i < row.inputs.size(); ++i)
      CHECK(finite_sum(values_of(row, i)) == doctest::Approx(sums[i].get<double>()).epsilon(1e-12));
  }
}

TEST_CASE("every loss and its gradients are PyTorch's float64 numbers to ten digits") {
  for (const OpRow& row : loss_table()) {
    const std::string fault = difference(run(row, exact), stored(golden_file("losses.json")["rows"].at(row.name)), 1e-10);
    CHECK_MESSAGE(fault.empty(), row.name, ": ", fault);
  }
}

TEST_CASE("every loss's gradients are those of central differences to one part in a million") {
  for (const OpRow& row : loss_table()) {
    const std::string fault = gradient_fault(row);
    CHECK_MESSAGE(fault.empty(), fault);
  }
}

TEST_CASE("every device gives the reference's losses and gradients in single precision") {
  for (const Device device : {Device::reference, Device::cpu, Device::cuda}) {
    if (!device_available(device)) continue;
    for (const OpRow& row : loss_table()) {
      const std::string fault = agreement_fault(row, {device, DType::f32}, run(row, exact));
      CHECK_MESSAGE(fault.empty(), fault);
    }
  }
}

TEST_CASE("losses leave no memory behind and read nothing before it is written") {
  for (const OpRow& row : loss_table()) {
    // Terms keep their offsets from task to task, so only plain losses are compared.
    if (row.name.find(' ') != std::string::npos) continue;
    const std::string leak = leak_fault(row, exact), unwritten = unwritten_fault(row, exact);
    CHECK_MESSAGE(leak.empty(), leak);
    CHECK_MESSAGE(unwritten.empty(), unwritten);
  }
}

TEST_CASE("no gradient flows into a teacher, even one that would take it") {
  for (const OpRow& fixed : loss_table()) {
    OpRow row = fixed;
    if (row.inputs.size() != 2 || row.inputs[1].role == Role::indices || row.inputs[1].wants_grad) continue;
    row.inputs[1].wants_grad = true;
    const Results results = run(row, exact);
    CHECK_MESSAGE(!results.gradients[0].empty(), row.name);
    CHECK_MESSAGE(results.gradients[1].empty(), row.name);
  }
}

}  // namespace
}  // namespace mneme::test
