#pragma once
// How long each kind of operation takes, forward and backward: Note [Watching operations].

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
  int64_t calls = 0;  ///< forward, in one step
  double forward = 0, backward = 0;
  Cost forward_cost, backward_cost;
  double seconds() const { return forward + backward; }
};

class OpProfile {
 public:
  explicit OpProfile(Device device) : device_(device) {}

  /// Time runs from here.
  void begin_step() { watch_.lap(); }
  OpCallback callbacks();
  /// What passed since the last event was no operation but this.
  void other(const std::string& what);
  void end_step();

  /// The slowest kinds first.
  std::vector<OpRow> rows() const;

 private:
  struct Entry {
    double forward = 0, backward = 0;         // seconds in the step under way
    std::vector<double> forwards, backwards;  // seconds per step
    int64_t calls = 0;                        // over all steps, like the costs
    Cost forward_cost, backward_cost;
  };
  void note(const OpEvent& event);

  Device device_;
  Stopwatch watch_;
  int64_t steps_ = 0;
  std::map<std::string, Entry> entries_;
};

/// "conv2d 3x3 16>32 32x32 /2" for convolutions, "matmul 128x64x100" for products, else the operation's name.
std::string kind_of(const OpEvent& event);

}  // namespace mneme
