#pragma once
// --help, --help-all and --help-method of the class-incremental programs.

#include "apps/common/flags.h"

namespace mneme {

/// Makes --help print the twenty flags that most people need, in the order of use, and say how to get more; adds
/// --help-all, which prints every flag in groups, and --help-method. To be called before subcommands are added.
void add_help_flags(CLI::App& app, Flags& flags);

}  // namespace mneme
