#pragma once
// Flags of command lines that have no value.

#include <string>

namespace CLI {
class App;  // CLI11 takes seconds to compile, so that only sources include it
class Option;
}  // namespace CLI

namespace mneme {

/// Adds a flag without a value to `app`. --print-config knows its default, which CLI11 would not keep.
CLI::Option* add_switch(CLI::App& app, const std::string& names, bool& value, const std::string& help);

}  // namespace mneme
