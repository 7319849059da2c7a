#pragma once
// Runs what the flags of a class-incremental program ask for, once its images are loaded.

#include <functional>
#include <string>
#include <vector>

#include "apps/common/flags.h"
#include "data/batches/image_set.h"

namespace mneme {

/// The lines that a program prints when a run has ended: the averages, the protocol and the data, and published numbers
/// beside those of the run.
std::string result_text(const RunResult& result);

/// Makes what resolved flags ask for: a plan, one run, or one run per seed. Returns the exit code. Throws Interrupted
/// when a signal has stopped a run, and Error.
int run_experiments(Flags& flags, const Dataset& data);

/// A program's main: settles the process (apps/terminal/process.h), calls `start` with the words after the program's
/// own, prints what it throws as one line on standard error, and returns the exit code: 2 for a wrong command line, 128
/// + the signal where one stopped a run, 1 otherwise, also where standard output could not be written.
int run_program(const std::vector<std::string>& words, const char* name,
                const std::function<int(const std::vector<std::string>& arguments)>& start);

}  // namespace mneme
