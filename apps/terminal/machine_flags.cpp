#include "apps/terminal/machine_flags.h"

#include <CLI/CLI.hpp>

#include "apps/command_line/switch.h"
#include "apps/terminal/process.h"
#include "engine/base/suggest.h"
#include "engine/capture.h"
#include "engine/precision.h"

namespace mneme {

MachineFlags::MachineFlags() : device("auto") {}

void add_flags(CLI::App& app, MachineFlags& f, const char* group) {
  app.add_option("--device", f.device, "auto, cpu, cuda or reference (plain loops, slow)")
      ->group(group)
      ->capture_default_str();
  app.add_option("--threads", f.threads, "CPU threads (0: physical cores); results do not depend on it")
      ->check(CLI::Range(0, 1024))
      ->group(group)
      ->capture_default_str();
  add_switch(app, "--exact-convolutions", f.exact_convolutions,
             "Direct convolutions instead of the faster Winograd kernels")
      ->group(group);
  app.add_option("--precision", f.precision,
                 "GPU: tf32 (the default) rounds convolutions' factors to ten bits of fraction, fp32 does not, bf16 "
                 "also keeps feature maps in bfloat16, half the memory; a CPU computes in fp32")
      ->group(group);
  app.add_option(
         "--capture-steps", f.capture_steps,
         "Capture training steps once and then launch them as a whole: auto (the default: on a GPU), never, always "
         "(the reference device, too)")
      ->group(group);
  add_switch(app, "--deterministic", f.deterministic,
             "GPU: only algorithms that add in a fixed order, so that runs repeat to the bit (the CPU always does)")
      ->group(group);
}

Device choose_machine(const MachineFlags& f) {
  constexpr std::pair<const char*, int> names[] = {{"auto", -1}, {"reference", 0}, {"cpu", 1}, {"cuda", 2}};
  if (f.device == "gpu") fail_usage("unknown device 'gpu'; did you mean 'cuda'? Known: auto, reference, cpu, cuda");
  const int chosen = choose_by_name("device", f.device, names);
  const Device device = chosen >= 0                      ? static_cast<Device>(chosen)
                        : device_available(Device::cuda) ? Device::cuda
                                                         : Device::cpu;
  backend(device);
  use_threads(f.threads, "--threads");
  set_exact_convolutions(f.exact_convolutions);
  set_deterministic(f.deterministic);
  if (f.precision) set_precision(precision_named(*f.precision));
  if (precision() == Precision::bf16 && !backend(device).takes_bf16())
    fail_usage("--precision bf16 needs a GPU: the {} computes in fp32; leave it out", name_of(device));
  if (f.capture_steps) set_capture_steps(capture_steps_named(*f.capture_steps));
  return device;
}

}  // namespace mneme
