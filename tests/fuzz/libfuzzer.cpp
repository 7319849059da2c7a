// The function that libFuzzer calls. It runs the target whose name the build gives, see CMakeLists.txt.

#include <cstdint>
#include <cstring>

#include "engine/base/error.h"
#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  for (const mneme::fuzz::Target& target : mneme::fuzz::targets()) {
    if (std::strcmp(target.name, MNEME_FUZZ_TARGET) != 0) continue;
    try {
      target.run(std::string(reinterpret_cast<const char*>(data), size));
    } catch (const mneme::Error&) {
    }
  }
  return 0;
}
