#include "engine/device.h"

#include "engine/cpu/devices.h"
#include "engine/cuda/device.h"

namespace mneme {

Backend& backend(Device device) {
  switch (device) {
    case Device::reference: return reference_backend();
    case Device::cpu: return cpu_backend();
    case Device::cuda: return cuda_backend();
  }
  fail("no such device");
}

bool device_available(Device device) { return device != Device::cuda || cuda_unavailable_because().empty(); }

}  // namespace mneme
