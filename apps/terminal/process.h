#pragma once
// Services for every program: its standard streams, signals that it ignores, and its threads.

#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mneme {

/// Call this first in a program. Opens standard descriptors that are closed on /dev/null, so that no file of a run gets
/// their numbers and is overwritten by output. Ignores SIGXFSZ, so that a file that reaches its largest size (`ulimit
/// -f`) makes the write fail with an error instead of ending the program.
void settle_process();

/// Writes text to a stream and flushes it. Throws nothing: lost output ends no run, and flush_output() reports it.
void say(std::FILE* to, std::string_view text);

/// Flushes standard output. Returns the reason if this or an earlier write to it failed; otherwise an empty text.
std::string flush_output();

/// Sets the number of threads of the CPU device. Says so on standard error, beginning with `name`, if the system
/// refuses some of them.
void use_threads(int count, std::string_view name);

/// The message for a program that ran out of memory. It names those flags among `words` that should be lowered.
std::string out_of_memory(const std::vector<std::string>& words);

}  // namespace mneme
