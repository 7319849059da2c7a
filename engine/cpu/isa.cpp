#include "engine/cpu/isa.h"

#include <cstdlib>

#include "engine/base/error.h"

namespace mneme {
namespace {

Isa find(const std::string& name) {
  std::string known;
  for (const Isa& isa : usable_isas()) {
    if (isa.name == name || name.empty()) return isa;
    known += (known.empty() ? std::string{} : ", ") + isa.name;
  }
  fail_usage("MNEME_ISA={}: this CPU and build can run {}", name, known);
}

Isa& chosen() {
  static Isa isa = [] {
    const char* name = std::getenv("MNEME_ISA");
    return find(name ? name : "");
  }();
  return isa;
}

}  // namespace

const Isa& isa_in_use() { return chosen(); }
void use_isa(const std::string& name) { chosen() = find(name); }
const winograd::KernelTable& winograd::kernels_in_use() { return isa_in_use().winograd_kernels; }

}  // namespace mneme
