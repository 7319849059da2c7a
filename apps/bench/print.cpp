#include "apps/bench/print.h"

#include <fmt/core.h>

#include "engine/base/counted.h"
#include "engine/base/parallel.h"
#include "engine/precision.h"

namespace mneme {
namespace {

constexpr double milli = 1e3, mebi = 1 << 20, giga = 1e9;

/// Lower bounds for the time of a step, each from one limit of the machine alone.
struct Floor {
  const char* name;
  double seconds;
};

std::vector<Floor> floors_of(const Measurement& m) {
  if (m.machine.flops == 0) return {};
  const Cost cost = m.cost();
  return {{"arithmetic, direct convolution", cost.flops / m.machine.flops},
          {"arithmetic, Winograd's products", cost.winograd_flops / m.machine.flops},
          {"memory, operation by operation", cost.bytes / m.machine.bytes}};
}

std::string what(const SessionOptions& o) {
  std::string text =
      fmt::format("{}, {}x{} pixels, batch {}, {} classes", o.network, side_of(o), side_of(o), o.batch_size, o.classes);
  if (o.tasks > 1) text += fmt::format(" in {} heads", o.tasks);
  return text + (o.evaluation ? ", evaluation" : o.teacher ? ", training with a teacher (LwF)" : ", training");
}

std::string work_text(const WorkOfKind& work, std::string_view what) {
  return fmt::format("{:>5} {}: {:.1f} MiB{}", work.pieces, what, work.bytes / mebi,
                     work.unstated > 0 ? fmt::format(", and those of {} more", work.unstated) : "");
}

std::string head(const Measurement& m) {
  const TimeSpread s = m.spread();
  std::string out = fmt::format("{}\n{}{}\n\n", what(m.options.session), m.device,
                                exact_convolutions() ? ", exact convolutions" : "");
  out += fmt::format("step      {:.2f} ms median of {} ({:.2f} to {:.2f}), {:.0f} images/s\n", milli * s.median,
                     m.steps.size(), milli * s.least, milli * s.most, m.images_per_second());
  out += fmt::format(
      "memory    {:.0f} MiB in tensors at most, {:.0f} MiB held; process {:.0f} MiB at most, {:.0f} MiB before the "
      "first step\n",
      static_cast<double>(m.tensors.peak) / mebi, static_cast<double>(m.tensors.reserved) / mebi,
      static_cast<double>(m.resident_peak) / mebi, static_cast<double>(m.resident_before) / mebi);
  out += fmt::format("          after warm-up: {} requests to the system, {} page faults\n", m.requests_after_warmup,
                     m.page_faults_after_warmup);
  if (!m.work.empty()) {
    std::string kinds;
    for (const auto& [kind, work] : m.work) kinds += fmt::format("\n          {}", work_text(work, kind));
    out += fmt::format("work      {}{}\n", work_text(total(m.work), "pieces a step, with the bytes of their operands"),
                       kinds);
  }
  if (m.machine.flops > 0)
    out += fmt::format("machine   {:.0f} GFLOP/s float32, {:.1f} GB/s from memory, measured with {}\n",
                       m.machine.flops / giga, m.machine.bytes / giga, counted(threads(), "thread"));
  return out;
}

std::string parts_table(const Measurement& m) {
  double total = 0;
  for (const auto& [name, seconds] : m.parts) total += seconds;
  std::string out = fmt::format("\n{:<34}{:>9}{:>8}\n", "part", "ms", "share");
  for (const auto& [name, seconds] : m.parts)
    out += fmt::format("{:<34}{:>9.2f}{:>7.1f}%\n", name, milli * seconds, 100 * seconds / total);
  return out;
}

/// A figure of the table, or blanks where the operation has no such pass or no such cost.
std::string figure(double value, bool shown, int width) {
  return shown ? fmt::format("{:>{}.2f}", value, width) : fmt::format("{:>{}}", "", width);
}

std::string peak_share(const OpRow& row, const MachinePeak& machine) {
  const double flops = row.forward_cost.flops + row.backward_cost.flops,
               bytes = row.forward_cost.bytes + row.backward_cost.bytes;
  if (machine.flops == 0 || row.seconds() == 0) return "";
  return (flops > 0 ? fmt::format("{:>11.0f}{:>7.0f}%", flops / row.seconds() / giga,
                                  100 * flops / row.seconds() / machine.flops)
                    : fmt::format("{:>19}", "")) +
         (bytes > 0 ? fmt::format("{:>8.1f}{:>7.0f}%", bytes / row.seconds() / giga,
                                  100 * bytes / row.seconds() / machine.bytes)
                    : "");
}

std::string operations_table(const Measurement& m) {
  double total = 0;
  for (const OpRow& row : m.operations) total += row.seconds();
  std::string out =
      fmt::format("\n{:<34}{:>6}{:>9}{:>10}{:>8}{:>11}{:>8}{:>8}{:>8}\n", "operation (in to out channels)", "calls",
                  "fwd ms", "bwd ms", "share", "GFLOP/s", "of peak", "GB/s", "of peak");
  for (const OpRow& row : m.operations) {
    const bool is_operation = row.calls > 0 || row.backward > 0;
    out += fmt::format("{:<34}{:>6}{}{}{:>7.1f}%", row.name, row.calls > 0 ? fmt::format("{}", row.calls) : "",
                       figure(milli * row.forward, row.forward > 0, 9),
                       figure(milli * row.backward, row.backward > 0, 10), 100 * row.seconds() / total);
    out += (is_operation ? peak_share(row, m.machine) : "") + "\n";
  }
  return out +
         "Direct convolution's arithmetic is counted, so Winograd's kernels may pass 100 % of peak; caches may pass "
         "the memory's.\n";
}

std::string algorithms_list(const Measurement& m) {
  std::string out = "\nalgorithm of each convolution, as the library numbers them\n";
  for (const std::string& line : m.algorithms) out += line + "\n";
  return out;
}

std::string floors_table(const Measurement& m) {
  std::string out = fmt::format("\n{:<34}{:>9}{:>14}\n", "floor", "ms", "step / floor");
  for (const Floor& floor : floors_of(m))
    out +=
        fmt::format("{:<34}{:>9.2f}{:>14.2f}\n", floor.name, milli * floor.seconds, m.spread().median / floor.seconds);
  return out;
}

nlohmann::json json_of(const OpRow& row) {
  return {{"name", row.name},
          {"calls", row.calls},
          {"forward_ms", milli * row.forward},
          {"backward_ms", milli * row.backward},
          {"flops", row.forward_cost.flops + row.backward_cost.flops},
          {"bytes", row.forward_cost.bytes + row.backward_cost.bytes}};
}

}  // namespace

std::string table_of(const Measurement& m) {
  std::string out = head(m);
  if (!m.parts.empty()) out += parts_table(m);
  if (!m.operations.empty()) out += operations_table(m);
  if (m.machine.flops > 0) out += floors_table(m);
  if (!m.algorithms.empty()) out += algorithms_list(m);
  return out;
}

nlohmann::json json_of(const Measurement& m) {
  const SessionOptions& o = m.options.session;
  const TimeSpread s = m.spread();
  nlohmann::json out = {{"device", m.device},
                        {"threads", threads()},
                        {"exact_convolutions", exact_convolutions()},
                        {"network", o.network},
                        {"size", side_of(o)},
                        {"batch_size", o.batch_size},
                        {"classes", o.classes},
                        {"tasks", o.tasks},
                        {"teacher", o.teacher},
                        {"evaluation", o.evaluation},
                        {"images_per_second", m.images_per_second()},
                        {"step_ms", {{"median", milli * s.median}, {"min", milli * s.least}, {"max", milli * s.most}}},
                        {"memory",
                         {{"tensors_peak_bytes", m.tensors.peak},
                          {"tensors_held_bytes", m.tensors.reserved},
                          {"resident_peak_bytes", m.resident_peak},
                          {"resident_before_bytes", m.resident_before},
                          {"system_requests_after_warmup", m.requests_after_warmup},
                          {"page_faults_after_warmup", m.page_faults_after_warmup}}}};
  for (double seconds : m.steps) out["step_ms"]["all"].push_back(milli * seconds);
  for (const auto& [name, seconds] : m.parts) out["parts_ms"][name] = milli * seconds;
  for (const OpRow& row : m.operations) out["operations"].push_back(json_of(row));
  for (const auto& [kind, work] : m.work)
    out["work"][kind] = {{"pieces", work.pieces}, {"bytes", work.bytes}, {"unstated", work.unstated}};
  if (!m.algorithms.empty()) out["algorithms"] = m.algorithms;
  if (m.machine.flops > 0)
    out["machine"] = {{"flops_per_second", m.machine.flops}, {"bytes_per_second", m.machine.bytes}};
  for (const Floor& floor : floors_of(m)) out["floors_ms"][floor.name] = milli * floor.seconds;
  return out;
}

}  // namespace mneme
