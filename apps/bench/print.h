#pragma once
// Prints a measurement as text for people and as JSON for scripts.

#include <nlohmann/json.hpp>

#include <string>

#include "apps/bench/measure.h"

namespace mneme {

std::string table_of(const Measurement& m);
nlohmann::json json_of(const Measurement& m);

}  // namespace mneme
