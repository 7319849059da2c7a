#pragma once
// One measurement: the steps of a session, their parts, their operations, the memory used, and the machine.

#include <string>
#include <utility>
#include <vector>

#include "apps/bench/machine.h"
#include "apps/bench/op_profile.h"
#include "apps/bench/session.h"
#include "engine/base/work_count.h"
#include "engine/memory.h"

namespace mneme {

struct MeasureOptions {
  SessionOptions session;
  int warmup = 3, steps = 20;
  bool steps_only = false;  ///< measure neither parts nor operations nor the machine
};

struct Measurement {
  MeasureOptions options;
  std::string device;                                 // the device's name, as the backend describes it
  std::vector<double> steps;                          // seconds of each step
  std::vector<std::pair<std::string, double>> parts;  // the name of each part and its median in seconds
  std::vector<OpRow> operations;
  MachinePeak machine;  // zeros if the machine was not measured
  MemoryUse tensors;    // the use of the device's arena after the steps
  uint64_t requests_after_warmup = 0;
  long page_faults_after_warmup = 0;
  std::vector<std::string> algorithms;  // the chosen algorithms, see engine/base/choice_log.h
  WorkCount work;  // work submitted to a GPU in one step, without gathering the batch; empty on the CPU
  // Bytes of RAM before and at most, without what measuring the machine takes.
  size_t resident_before = 0, resident_peak = 0;

  TimeSpread spread() const { return spread_of(steps); }
  double images_per_second() const { return options.session.batch_size / spread().median; }
  Cost cost() const;  ///< the cost of all operations of a step together
};

/// Runs warm-up steps, then whole steps, then as many further steps as the parts and operations need.
Measurement measure(const MeasureOptions& options);

}  // namespace mneme
