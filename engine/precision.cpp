#include "engine/precision.h"

#include <atomic>

namespace mneme {
namespace {
std::atomic<bool> exact{false};
}

void set_exact_convolutions(bool on) { exact = on; }
bool exact_convolutions() { return exact; }

}  // namespace mneme
