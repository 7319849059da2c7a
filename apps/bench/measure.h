#pragma once
// One measurement: a session's steps, its parts, its operations, the memory it takes, and the machine it runs on.

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
  bool steps_only = false;  ///< neither parts, nor operations, nor the machine
};

struct Measurement {
  MeasureOptions options;
  std::string device;                                 // as the backend describes itself
  std::vector<double> steps;                          // seconds each
  std::vector<std::pair<std::string, double>> parts;  // medians in seconds
  std::vector<OpRow> operations;
  MachinePeak machine;  // zeros where it was not measured
  MemoryUse tensors;    // of the device's arena, after the steps
  uint64_t requests_after_warmup = 0;
  long page_faults_after_warmup = 0;
  std::vector<std::string> algorithms;  // see engine/base/choice_log.h
  WorkCount work;  // what a GPU is given in one step, without the batch; empty elsewhere
  size_t resident_before = 0, resident_peak = 0;  // bytes, without what measuring the machine takes

  TimeSpread spread() const { return spread_of(steps); }
  double images_per_second() const { return options.session.batch_size / spread().median; }
  Cost cost() const;  ///< of all operations of a step
};

/// Warm-up, then the steps as a whole, then as many as needed for parts and operations.
Measurement measure(const MeasureOptions& options);

}  // namespace mneme
