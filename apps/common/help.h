#pragma once
// The flags --help, --help-all and --help-method of the class-incremental programs.

#include "apps/common/flags.h"

namespace mneme {

/// Makes --help print the twenty flags that most people need, and say how to see the others. Adds --help-all, which
/// prints every flag in groups, and --help-method. Call it before subcommands are added.
void add_help_flags(CLI::App& app, Flags& flags);

}  // namespace mneme
