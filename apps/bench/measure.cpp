#include "apps/bench/measure.h"

#include "apps/terminal/console.h"
#include "engine/base/choice_log.h"
#include "engine/device.h"

namespace mneme {
namespace {

void time_steps(Session& session, Measurement& m) {
  Arena& arena = backend(m.options.session.device).arena();
  const uint64_t requests = arena.use().system_requests;
  const long faults = process_memory().page_faults;
  for (int i = 0; i < m.options.steps; ++i) {
    const Stopwatch watch;
    session.step();
    m.steps.push_back(watch.seconds());
  }
  m.tensors = arena.use();
  m.requests_after_warmup = m.tensors.system_requests - requests;
  m.page_faults_after_warmup = process_memory().page_faults - faults;
  m.resident_peak = process_memory().peak_resident;
}

void time_parts(Session& session, Measurement& m) {
  std::vector<std::pair<std::string, std::vector<double>>> parts;
  for (int i = 0; i < m.options.steps; ++i) {
    Stopwatch watch;
    size_t part = 0;
    session.step([&](const char* name) {
      if (part == parts.size()) parts.push_back({name, {}});
      parts[part++].second.push_back(watch.lap());
    });
  }
  for (const auto& [name, seconds] : parts) m.parts.emplace_back(name, spread_of(seconds).median);
}

void time_operations(Session& session, Measurement& m) {
  OpProfile profile(m.options.session.device);
  const OpCallbackGuard watch(profile.callbacks());
  for (int i = 0; i < std::min(m.options.steps, 10); ++i) {
    profile.begin_step();
    session.step([&](const char* part) {
      const std::string name = part;
      profile.other(name.starts_with("gather") || name == "update" ? name : "between operations");
    });
    profile.end_step();
  }
  m.operations = profile.rows();
}

/// The batch is gathered in the first part of a step. Its work is not counted.
void count_pieces(Session& session, Measurement& m) {
  WorkCount before;
  session.step([&](const char*) {
    if (before.empty()) before = work_count();
  });
  m.work = work_between(before, work_count());
}

}  // namespace

Cost Measurement::cost() const {
  Cost total;
  for (const OpRow& row : operations) total = total + row.forward_cost + row.backward_cost;
  return total;
}

Measurement measure(const MeasureOptions& options) {
  if (options.steps < 1 || options.warmup < 0)
    fail_usage("--steps must be at least 1 and --warmup at least 0, got {} and {}", options.steps, options.warmup);
  Measurement m;
  m.options = options;
  m.resident_before = process_memory().peak_resident;
  m.device = machine_text(options.session.device);
  backend(options.session.device).arena().reset_peak();
  Session session(options.session);
  for (int i = 0; i < options.warmup; ++i) session.step();
  time_steps(session, m);
  count_pieces(session, m);
  m.algorithms = choices_noted();
  if (options.steps_only) return m;
  time_parts(session, m);
  time_operations(session, m);
  if (options.session.device != Device::cuda) m.machine = measure_machine();
  return m;
}

}  // namespace mneme
