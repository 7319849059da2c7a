#pragma once
// Measures the time of each kind of operation, forward and backward: Note [Watching operations].

#include <map>
#include <string>
#include <vector>

#include "apps/bench/timing.h"
#include "engine/cost.h"
#include "engine/tensor.h"

namespace mneme {

/// One kind of operation within one step: seconds are medians over the steps, costs are sums over the kind's
/// operations.
struct OpRow {
  std::string name;
  int64_t calls = 0;  ///< forward calls in one step
  double forward = 0, backward = 0;
  Cost forward_cost, backward_cost;
  double seconds() const { return forward + backward; }
};

class OpProfile {
 public:
  explicit OpProfile(Device device) : device_(device) {}

  /// Starts the clock. Time before this call counts for no operation.
  void begin_step() { watch_.lap(); }
  OpCallback callbacks();
  /// Books the time since the last event under the name `what`, for work that is not an operation.
  void other(const std::string& what);
  void end_step();

  /// The rows of the profile, slowest kind first.
  std::vector<OpRow> rows() const;

 private:
  struct Entry {
    double forward = 0, backward = 0;         // seconds in the present step
    std::vector<double> forwards, backwards;  // seconds in each finished step
    int64_t calls = 0;                        // calls over all steps; the costs are sums over all steps, too
    Cost forward_cost, backward_cost;
  };
  void note(const OpEvent& event);

  Device device_;
  Stopwatch watch_;
  int64_t steps_ = 0;
  std::map<std::string, Entry> entries_;
};

/// The name under which an operation is counted: "conv2d 3x3 16>32 32x32 /2" for a convolution, "matmul 128x64x100" for
/// a product, otherwise the operation's own name.
std::string kind_of(const OpEvent& event);

}  // namespace mneme
