#include "engine/precision.h"

#include <atomic>
#include <utility>

#include "engine/base/suggest.h"

namespace mneme {
namespace {

std::atomic<bool> exact{false}, repeatable{false};
std::atomic<Precision> chosen{Precision::tf32};

constexpr std::pair<const char*, Precision> names[] = {
    {"fp32", Precision::fp32}, {"tf32", Precision::tf32}, {"bf16", Precision::bf16}};

}  // namespace

void set_exact_convolutions(bool on) { exact = on; }
bool exact_convolutions() { return exact; }

void set_precision(Precision precision) { chosen = precision; }
Precision precision() { return chosen; }
const char* name_of(Precision precision) { return name_among(names, precision); }
Precision precision_named(const std::string& name) { return choose_by_name("precision", name, names); }

void set_deterministic(bool on) { repeatable = on; }
bool deterministic() { return repeatable; }

}  // namespace mneme
