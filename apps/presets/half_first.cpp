#include "apps/presets/half_first.h"

namespace mneme {

Words half_first(int base, int steps, int per_class) {
  return {"--base-classes",
          std::to_string(base),
          "--tasks",
          std::to_string(steps + 1),
          "--order",
          "icarl",
          "--validation",
          "0",
          "--batch-size",
          "128",
          "--lr",
          "0.1",
          "--momentum",
          "0.9",
          "--augmentation",
          "crop",
          "--memory-per-class",
          std::to_string(per_class),
          "--selection",
          "herding-repicked"};
}

Words stepwise(const char* epochs, const char* milestones, const char* decay) {
  return {"--schedule",   "steps",    "--lr-gamma",     "0.1", "--epochs", epochs,
          "--milestones", milestones, "--weight-decay", decay};
}

Words lucir_on_cifar() { return stepwise("160", "0.5,0.75", "5e-4"); }

Words podnet_schedule(const char* epochs, const Words& more) {
  return joined({"--epochs", epochs, "--schedule", "cosine", "--lr-lag", "1", "--clip-value", "5"}, more);
}

Words podnet_jitter() { return {"--brightness", "0.24705882"}; }

}  // namespace mneme
