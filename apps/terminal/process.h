#pragma once
// What a program owes to the system that runs it: its standard streams, its signals, its threads.

#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mneme {

/// The first thing that a program does. Standard descriptors that are closed are opened on /dev/null, so that no file
/// of a run gets their numbers and then what is meant for a terminal. A file that reaches its largest size
/// (`ulimit -f`) becomes an error of the write, which is told in a sentence, instead of a signal that ends the program.
void settle_process();

/// Writes text to a stream at once. Throws nothing: output that is lost ends no run, but flush_output() tells of it.
void say(std::FILE* to, std::string_view text);

/// Writes what waits for standard output. Returns why it, or anything before it, could not be written; empty if
/// everything was.
std::string flush_output();

/// Sets the number of threads of the CPU device. Says so on standard error, beginning with `name`, if the system
/// refuses some of them.
void use_threads(int count, std::string_view name);

/// What a program that ran out of memory says: which of the flags among its words to lower.
std::string out_of_memory(const std::vector<std::string>& words);

}  // namespace mneme
